uno pájaro uno gato
perro cinco dos gato uno
cinco
uno dos uno gato gato
gato dos dos dos gato gato
pájaro dos pájaro perro pájaro
cinco
