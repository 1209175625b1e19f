# points on one row or column are joined.
def solve_ded97339(I):
    points = ofcolor(I, EIGHT)
    links = prapply(connect, points, points)
    straight = fork(either, hline, vline)
    O = fill(I, EIGHT, mfilter(links, straight))
    return O
