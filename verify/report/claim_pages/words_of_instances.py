"""Words of the claims on instances: networks, samples, censuses, descents, training."""

from __future__ import annotations

from verify.report.claim_pages.words import Words

INSTANCES = {
    "N1": Words(
        "What each assumption does to a network's loss",
        "Between a ReLU network and the spin glass stand five assumptions; each changes the covariance of "
        "the loss by a factor that is computed and sampled.",
        "The assumptions are not justified by this; a real network keeps another covariance.",
        "Covariance over variance against the overlap of the weights: a network keeps another curve than "
        "the spin glass.",
        ("H = 2, widths 4,4,1",),
    ),
    "N1-K": Words(
        "The covariances on the way to the spin glass, exactly",
        "At small widths every average is computed exactly, step by step.",
        "Small widths.",
    ),
    "N1-P": Words(
        "A ReLU network is a sum over its paths",
        "The output is the sum over all paths of input times gates times weights; the output unit itself "
        "must have no ReLU.",
        "Without biases.",
    ),
    "N2": Words(
        "How many weights a network needs for its number of paths",
        "The paper bounds one by the other; its bounds hold, and sharper ones are attained.",
        "Layered networks without skips.",
        "Weights against paths of all small architectures, between the printed and the sharp bounds.",
    ),
    "N3": Words(
        "How alike a network and its reduction must be",
        "If two classifiers differ on few inputs, their outputs correlate at least so much; the "
        "printed bound "
        "fails where a class is rare.",
        "Of signs; no assumption on the networks.",
        "The sharp least correlation and the printed bound against the share of differing signs.",
    ),
    "N3-S": Words(
        "The sharp bound on signs is attained by samples",
        "Two classifiers drawn at the worst case have just the correlation of the sharp bound.",
        "At the extremal law alone.",
    ),
    "N4": Words(
        "How alike uneven weights and even ones are",
        "If no weight pattern is over- or underused by more than a factor c, the outputs correlate at least "
        "2/(1+c); the paper's bound is lower.",
        "With the gates replaced by their mean.",
        "The sharp least correlation and the printed bound against c.",
    ),
    "N4-S": Words(
        "The sharp bound on uneven weights is attained by samples",
        "A network drawn at the worst case has just the correlation of the sharp bound.",
        "At the extremal redundancies alone.",
    ),
    "E10": Words(
        "The absolute loss is linear only within a bound",
        "The paper turns an absolute error into a linear one; this needs the target at least as large as "
        "every output.",
        "An identity, with counterexamples beyond its condition.",
    ),
    "GOE": Words(
        "The random matrices that are drawn are the right ones",
        "Two programs that draw random matrices have the exact spectrum.",
        "It checks samplers.",
        "Mean spectrum of drawn matrices, the exact density, and how far each bin is off.",
        ("N = 10, tridiagonal sampler", "Pulls, N = 10, tridiagonal sampler"),
    ),
    "GOE-K": Words(
        "Single eigenvalues of drawn matrices have their exact laws",
        "The smallest eigenvalues of drawn matrices are distributed as computed.",
        "The first five eigenvalues.",
        "Drawn eigenvalues (steps) and exact densities (lines).",
        ("N = 10", "N = 1000"),
    ),
    "GOE-G": Words(
        "How far the two lowest eigenvalues are apart",
        "The gap of the two lowest eigenvalues of drawn matrices is distributed as computed.",
        "The lowest gap alone.",
        "Drawn gaps (steps), exact densities and the limit law (lines).",
        ("N = 2", "N = 1000"),
    ),
    "HAM": Words(
        "Random losses that are drawn have the stated law",
        "Loss, gradient and Hessian of drawn instances have the covariance that all counts start from.",
        "Small sizes.",
        "Variances of drawn instances over those of the law, and the Hessian's mean eigenvalue by level.",
        ("Measured over stated law", "N = 6, q^3"),
    ),
    "KR": Words(
        "The number of critical points, by averaging random Hessians",
        "Averaging determinants of drawn Hessians gives the exact number of critical points.",
        "It checks the count from Kac and Rice's formula on, not that formula.",
        "Monte Carlo over exact, by model and size.",
    ),
    "KR-K": Words(
        "The number of saddles of each index, by averaging random Hessians",
        "The same by the number of downhill directions and by the loss, down to numbers of e^-47.",
        "As KR.",
        "Monte Carlo over exact, by model, size, level and index.",
    ),
    "MIX-MC": Words(
        "The number of critical points of mixtures, by averaging",
        "The same for models of several orders.",
        "As KR.",
        "Monte Carlo over exact for mixtures.",
    ),
    "CENSUS": Words(
        "All critical points of small instances, found and proved",
        "On small random instances every point of zero gradient is found and proved to be one, and their "
        "mean number is the exact one.",
        "Up to five spins.",
        "Mean number of points by index: counted on instances and exact.",
    ),
    "CENSUS-7": Words(
        "All critical points of instances of six and seven spins",
        "The same at six and seven spins, where there are 80 points in the mean.",
        "Few instances.",
        "Mean number of points by index: counted on instances and exact.",
        ("Critical points by index, p = 3",),
    ),
    "E9-I": Words(
        "On instances every way out of a minimum climbs to a saddle",
        "On instances with all critical points known, leaving a minimum costs the climb to a saddle, however "
        "small the drop behind it.",
        "Small instances.",
    ),
    "T7-I": Words(
        "Saddles of instances lie where their index says",
        "On drawn instances the number of downhill directions follows the loss as the theory says, at "
        "minima, saddles and all between.",
        "The points found are no fair sample of all.",
        "Index of the points found against their level; the line is the theory.",
        ("Points found, p = 3",),
    ),
    "X1-C": Words(
        "A field on the cubic model, every point proved",
        "All critical points of small cubic instances in a random tilt are computed and proved to be all; "
        "the tilt removes them as the exact numbers say.",
        "Three to six spins, p = 3; beyond the paper.",
        "Mean number of critical points against the field: counted on instances and exact.",
    ),
    "X1-D": Words(
        "Descents in a tilted landscape: at last one end for all",
        "Gradient descents from random starts on tilted instances end in as many minima as the exact numbers "
        "say; in a strong tilt all starts end in one, whose loss has the exact law.",
        "Ten to a hundred spins, p = 3; that the starts find every minimum is seen, not proved; beyond the "
        "paper.",
        "Mean number of minima found by descents against the field; distribution of the level of the one "
        "minimum that is left.",
    ),
    "X1-S": Words(
        "A field on the quadratic model, every point counted",
        "For quadratic losses in a random tilt all critical points of an instance can be computed at any "
        "size; their numbers are the exact ones.",
        "Quadratic models.",
        "Mean number of points in a field: counted and exact.",
    ),
    "X3": Words(
        "How much the number of critical points varies between instances",
        "For the smallest models the variance of the number of critical points is known exactly, and counts "
        "on instances have it.",
        "Two spins; beyond the paper.",
        "Variance over mean of the number of points: counted on instances and exact.",
    ),
    "X3-N": Words(
        "Pairs of critical points, counted",
        "Complete lists of critical points say how much their number varies between instances, and how far "
        "apart minima lie; both are as the law at two points says.",
        "Three to seven spins; the predictions are means over random matrices; beyond the paper.",
        "Variance over mean of the number of points, and overlaps of two minima: counted and predicted.",
    ),
    "X4": Words(
        "Two critical points at once",
        "What one critical point says of another at a given distance, checked on drawn instances: the start "
        "of a count of the ways out of a minimum.",
        "The law at two points, not the count that follows from it; beyond the paper.",
        "Measured over exact variances of the law at two points; the lowest saddles about a minimum.",
    ),
    "X5-D": Words(
        "Layers with weights of their own: the Hessian's determinant",
        "Counting critical points takes the mean size of the Hessian's determinant; for large networks it is "
        "what the limiting spectrum says, for equally wide layers and for others.",
        "Three layers in three proportions, matrices of up to 192 rows; seen, not proved; beyond the paper.",
        "How the mean determinant approaches the limit, against the size, inside the spectrum and beyond.",
    ),
    "X5-I": Words(
        "Layers with weights of their own: the lowest minima found",
        "Descents on drawn instances, one layer after another, find as many low minima as the exact mean "
        "number says.",
        "Three layers of 4, 6 and 9 units; that descents find all of the low minima is seen, not proved.",
        "Numbers of low minima, found over exact.",
    ),
    "X5-K": Words(
        "Layers with weights of their own: saddles cost as much",
        "Below the barrier, each direction that leads down from a critical point makes such points rarer by "
        "the same factor, and that factor is the one of shared weights.",
        "Three and four equally wide layers, at levels below the lowest loss, where the factor is large "
        "enough to be measured; beyond the paper.",
        "How the numbers of saddles over minima differ from those of shared weights, against the size: the "
        "difference goes to 0.",
    ),
    "X5-N": Words(
        "Random tensors, every best rank-one approximation counted",
        "With weights of its own in each of three or four small layers, all critical points of instances "
        "can be computed and proved; their mean numbers, maxima and levels are the exact ones.",
        "Three layers of 2 to 4 units, and four of 2; beyond the paper.",
        "Mean numbers of critical points of tensors: counted over exact.",
    ),
    "X6-N": Words(
        "A signal on the circle, every point counted",
        "Where the data hold a signal, the numbers of critical points near it and far from it are the exact "
        "ones, minima and maxima apart.",
        "Two spins; beyond the paper.",
        "Mean numbers of points near the signal against its strength: counted and exact.",
    ),
    "X6-I": Words(
        "A signal on small spheres, every point counted and proved",
        "Where the data hold a signal, the numbers of critical points near it, the best of them, and those "
        "below a level are the exact ones on instances whose points are proved to be all.",
        "Three to six spins; beyond the paper.",
        "Mean numbers of points with a signal: counted over exact.",
    ),
    "T2-I": Words(
        "The lowest minima of instances",
        "The best minimum found on drawn instances lies where the exact number of minima says.",
        "Found by many descents, proved lowest only in the smallest instances.",
        "Mean lowest minimum against size: found, and from the exact counts.",
    ),
    "F3": Words(
        "Where descents end: sizes that can be run cannot tell the barrier from the best minimum",
        "Descents on drawn instances end near the barrier, within an error that also covers the "
        "best minimum.",
        "Undecided: the two levels are 0.024 apart and the error is 0.05.",
        "Mean end-point energy of descents against size, extrapolated.",
        ("Mean energy against N",),
    ),
    "A4": Words(
        "The lowest ends of descents",
        "Some descents end below the barrier, and even below the limit's best minimum, at "
        "finite size; in the "
        "limit none does.",
        "Undecided between the barrier and the best minimum.",
        "The lowest of 16 end points against size, and the floor from exact counts.",
    ),
    "S1": Words(
        "Descents of finite size follow the equation of infinite size",
        "The loss along gradient flow on drawn instances tends, with size, to the known equation.",
        "Times up to 10.",
        "Energy along gradient flow at several sizes, and the solution at infinite size.",
    ),
    "S2": Words(
        "Descents end in nearly flat minima",
        "The points where descents end have no downhill direction, and their lowest curvature tends to zero.",
        "Undecided between the barrier and the best minimum.",
        "Hessian spectra at end points and the semicircle; the lowest eigenvalue against size.",
    ),
    "T10": Words(
        "Finding the best minimum gets harder with size",
        "The share of descents that end at the best point found falls with size.",
        "That it falls exponentially is not shown.",
        "Share of descents that end at the best of 32, against size.",
    ),
    "F4": Words(
        "Wider networks end at lower test loss with less spread",
        "On handwritten digits, wider networks of one hidden layer end lower and closer together, and "
        "narrow ones sometimes end badly.",
        "8 x 8 digits, one hidden layer, one split; no theory predicts the numbers.",
        "Test losses at the end of training against width: all, their middle half, the mean.",
        ("Test losses of trained networks",),
    ),
    "F5": Words(
        "How many negative curvatures a trained network has depends on the cut-off",
        "The share of negative Hessian eigenvalues after training is set by where one stops calling them "
        "zero.",
        "8 x 8 digits, one hidden layer; the ends are no critical points.",
        "Share of eigenvalues below minus the cut-off, at the paper's cut-off and against it.",
        ("Index at the paper's cut-off, 1e-3", "Index against the cut-off"),
    ),
    "F6": Words(
        "Gradient descent beats simulated annealing",
        "At equal time stochastic gradient descent reaches a lower test loss at every width.",
        "One annealing schedule, 8 x 8 digits.",
        "Mean test loss of both against width.",
        ("Mean test loss",),
    ),
    "F8": Words(
        "Weights of three values cost one in a hundred of accuracy",
        "Networks with weights -1/2, 0 and 1/2 lose about 1 % of accuracy.",
        "50 hidden units, 8 x 8 digits.",
        "Test accuracies of networks with three values and with real weights.",
    ),
    "R1": Words(
        "Between wide trained networks there is no barrier; on the spin glass there is",
        "A path bent downhill keeps three tenths of the straight barrier on the spin glass, nothing of it "
        "between wide networks, and less than on the glass between tiny ones.",
        "Upper bounds on the lowest pass; few of the ends lie below the energy barrier.",
        "Barriers of bent paths against straight ones, and their ratio against size.",
        ("Barriers, 3-spin glass", "Barriers, networks on digits", "Path over straight"),
    ),
    "R4": Words(
        "The spin glass ages; a wide network in noise wanders as if it were free",
        "At one temperature the spin glass moves as far in as much time again at every age; a network with "
        "more weights than images moves ever farther, and in the end as if no loss held it.",
        "One temperature; 100 images; ages of a factor 16.",
        "Mean square way from t to 2t against t, beside that of free diffusion.",
        (
            "Way in as much time again, 3-spin glass",
            "Way in as much time again, networks on digits",
        ),
    ),
    "R7": Words(
        "Descents of the spin glass end at a level; a wide network's loss goes on falling",
        "On the spin glass ends come closer together as it grows and stay where they are; networks of as few "
        "weights do not come closer, and wide ones go on falling with time.",
        "448 small images, one hidden layer, 200 epochs; no exponent.",
        "Spread of end levels, and how far four times the time lowers them over that spread, against size.",
        ("Spread of end levels", "Fall in the later time"),
    ),
}
