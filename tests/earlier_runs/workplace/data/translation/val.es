dos perro uno
perro
gato cinco cinco
dos gato perro dos perro dos
gato
pájaro cinco uno uno dos gato
pájaro gato uno cinco dos pájaro
cinco dos gato uno
cinco pájaro gato cinco pájaro gato
uno cinco
perro uno dos gato dos cinco
dos gato
cinco cinco
