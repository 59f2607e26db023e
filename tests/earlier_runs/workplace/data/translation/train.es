dos gato pájaro
uno
uno cinco perro uno perro
uno uno
gato uno dos uno
gato uno perro uno dos
pájaro perro uno perro perro gato
dos
perro
cinco gato
perro uno
cinco perro pájaro dos uno
perro pájaro dos cinco uno
pájaro uno perro uno perro
gato pájaro
gato cinco gato perro gato
cinco dos dos
dos uno perro cinco perro gato
pájaro gato cinco
uno uno perro gato dos
dos gato gato
pájaro
perro
cinco cinco pájaro cinco perro
perro gato uno uno
gato pájaro pájaro
uno
pájaro cinco pájaro perro pájaro gato
pájaro gato pájaro
uno gato cinco
perro uno
uno dos cinco dos
dos gato gato gato uno dos
gato perro cinco dos
perro cinco pájaro gato
pájaro gato dos
uno dos
dos pájaro
uno gato
dos cinco cinco uno dos
perro cinco perro perro
dos pájaro perro
pájaro pájaro pájaro uno gato
perro gato gato gato gato uno
pájaro gato uno dos
dos
dos uno cinco perro
uno
perro
perro uno
perro uno uno
perro gato
pájaro cinco
perro cinco gato
uno
gato gato gato cinco
dos
pájaro
pájaro cinco gato
dos perro uno dos perro cinco
pájaro perro
