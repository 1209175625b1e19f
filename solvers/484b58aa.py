# The grid is a tiling, whose periods show in its undamaged rows and columns; the black
# patches are restored from copies of the rest moved by multiples of the periods.
def solve_484b58aa(I):
    undamaged = compose(flip, lbind(contained, ZERO))
    rows = sfilter(I, undamaged)
    columns = sfilter(dmirror(I), undamaged)
    across = hperiod(asobject(rows))
    down = hperiod(asobject(columns))
    missing = toobject(ofcolor(I, ZERO), I)
    known = difference(asobject(I), missing)
    multiples = interval(NEG_TWO, THREE, ONE)
    rights = apply(lbind(multiply, across), multiples)
    downs = apply(lbind(multiply, down), multiples)
    copies = mapply(lbind(shift, known), product(downs, rights))
    O = paint(I, copies)
    return O
