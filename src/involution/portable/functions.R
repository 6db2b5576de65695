# What the R scripts beside it use: rows, absorption of fixed effects, variances, checks. Base R alone.

differences <- list()

# Codes 1, 2, ... of the combinations of columns.
codes_of <- function(data, columns) {
  key <- do.call(paste, c(unname(data[columns]), sep = "_"))
  match(key, sort(unique(key)))
}

recoded <- function(codes) match(codes, sort(unique(codes)))

# Rows without missing values, zero weights and, one round after the other, rows that an effect explains alone.
keep_rows <- function(data, columns, effects = list(), weights = NULL, allowed = NULL, used = NULL, singletons = TRUE) {
  for (marker in c(allowed, used)) data <- data[data[[marker]] == 1, , drop = FALSE]
  data <- data[complete.cases(data[unique(c(columns, unlist(effects), weights))]), , drop = FALSE]
  if (!is.null(weights)) data <- data[data[[weights]] > 0, , drop = FALSE]
  while (singletons && length(effects) && nrow(data)) {
    alone <- rep(FALSE, nrow(data))
    for (effect in effects) {
      codes <- codes_of(data, effect)
      alone <- alone | tabulate(codes)[codes] == 1
    }
    if (!any(alone)) break
    data <- data[!alone, , drop = FALSE]
  }
  data
}

# Columns of x with the fixed effects taken out: one sweep there and back over all effects, by conjugate gradients.
absorb <- function(x, codes, weights) {
  if (!length(codes)) return(x)
  totals <- lapply(codes, function(g) as.vector(rowsum(weights, g)))
  order <- c(seq_along(codes), rev(seq_along(codes))[-1])
  sweep_out <- function(v) {
    for (j in order) v <- v - (rowsum(v * weights, codes[[j]]) / totals[[j]])[codes[[j]], , drop = FALSE]
    v
  }
  if (length(codes) == 1) return(sweep_out(x))
  by_column <- function(v, factor) v * rep(factor, each = nrow(v))
  found <- 0 * x
  left <- x - sweep_out(x)
  direction <- left
  size <- colSums(weights * left^2)
  enough <- 1e-26 * colSums(weights * x^2)
  for (round in seq_len(5000)) {
    if (all(size <= enough)) break
    image <- direction - sweep_out(direction)
    curvature <- colSums(weights * direction * image)
    # Columns that are done stand still: rounding alone would carry them away.
    step <- ifelse(size > enough & curvature > 0, size / curvature, 0)
    found <- found + by_column(direction, step)
    left <- left - by_column(image, step)
    new <- colSums(weights * left^2)
    direction <- left + by_column(direction, ifelse(size > enough, new / size, 0))
    size <- new
  }
  sweep_out(x - found)
}

# The inverse of cross-products, free of the columns' units.
inverse <- function(products) {
  size <- 1 / sqrt(diag(products))
  solve(products * outer(size, size), tol = 1e-14) * outer(size, size)
}

# Coefficients, bread and scores of one model on rows that are complete.
fit_once <- function(data, model, start = NULL) {
  w <- if (is.null(model$weights)) rep(1, nrow(data)) else data[[model$weights]]
  y <- data[[model$outcome]]
  x <- as.matrix(data[model$regressors])
  if (model$intercept) x <- cbind(x, "(Intercept)" = 1)
  codes <- lapply(model$effects, function(effect) codes_of(data, effect))
  if (model$estimator == "poisson") return(fit_poisson(y, x, codes, w, start))
  within <- absorb(cbind(y, x), codes, w)
  y <- within[, 1]
  x <- within[, -1, drop = FALSE]
  projected <- x
  if (length(model$instruments)) {
    exogenous <- x[, setdiff(colnames(x), model$endogenous), drop = FALSE]
    z <- cbind(absorb(as.matrix(data[model$instruments]), codes, w), exogenous)
    projected <- qr.fitted(qr(sqrt(w) * z), sqrt(w) * x) / sqrt(w)
  }
  bread <- inverse(crossprod(projected, w * projected))
  estimate <- drop(bread %*% crossprod(projected, w * y))
  residual <- drop(y - x %*% estimate)
  list(estimate = estimate, bread = bread, scores = projected * (w * residual), squares = sum(w * residual^2))
}

# Positions of the rows whose effects all have a count: one without any has no finite level, and says nothing of slopes.
with_counts <- function(y, codes) {
  rows <- seq_along(y)
  repeat {
    empty <- rep(FALSE, length(rows))
    for (g in codes) {
      own <- recoded(g[rows])
      empty <- empty | as.vector(rowsum(y[rows], own))[own] == 0
    }
    if (!any(empty)) return(rows)
    rows <- rows[!empty]
  }
}

# Poisson by iteratively reweighted least squares.
fit_poisson <- function(y, x, codes, w, start = NULL) {
  rows <- with_counts(y, codes)
  all_rows <- length(y)
  y <- y[rows]
  x <- x[rows, , drop = FALSE]
  w <- w[rows]
  codes <- lapply(codes, function(g) recoded(g[rows]))
  deviance <- function(eta) 2 * sum(w * (exp(eta) - y * eta))
  eta <- if (is.null(start)) log((y + sum(w * y) / sum(w)) / 2) else start[rows]
  estimate <- rep(Inf, ncol(x))
  for (round in seq_len(500)) {
    mu <- exp(eta)
    z <- eta + (y - mu) / mu
    within <- absorb(cbind(z, x), codes, w * mu)
    xs <- within[, -1, drop = FALSE]
    bread <- inverse(crossprod(xs, w * mu * xs))
    new <- drop(bread %*% crossprod(xs, w * mu * within[, 1]))
    proposed <- z - drop(within[, 1] - xs %*% new)
    # A step too far is halved; the first starts from the outcome itself, to which nothing compares.
    worst <- if (round == 1) Inf else deviance(eta) + 1e-8 * abs(deviance(eta))
    for (half in seq_len(30)) {
      if (is.finite(deviance(proposed)) && deviance(proposed) <= worst) break
      proposed <- (eta + proposed) / 2
    }
    eta <- proposed
    moved <- max(abs(new - estimate) / pmax(abs(new), 1e-6))
    estimate <- new
    if (moved < 1e-11) break
  }
  mu <- exp(eta)
  xs <- absorb(x, codes, w * mu)
  bread <- inverse(crossprod(xs, w * mu * xs))
  scores <- matrix(0, all_rows, ncol(x), dimnames = list(NULL, colnames(x)))
  scores[rows, ] <- xs * (w * (y - mu))
  everywhere <- rep(min(eta), all_rows)
  everywhere[rows] <- eta
  list(estimate = estimate, bread = bread, scores = scores, squares = NA, eta = everywhere)
}

# K of (N - 1)/(N - K): levels of all effects less one for each after the first, nested ones counted once.
parameters <- function(data, model, clusters) {
  effects <- lapply(model$effects, function(effect) codes_of(data, effect))
  k <- length(model$regressors) + model$intercept
  if (!length(effects) || model$small$fixed_effects == "none") return(k)
  levels <- vapply(effects, max, 0)
  total <- k + sum(levels) - (length(effects) - 1)
  if (model$small$fixed_effects == "full" || !length(clusters)) return(total)
  named <- vapply(model$effects, paste, "", collapse = "^")
  nested <- if (all(names(clusters) %in% named)) named %in% names(clusters) else vapply(effects, function(g) {
    any(vapply(clusters, function(cluster) nrow(unique(cbind(g, cluster))) == max(g), TRUE))
  }, TRUE)
  total - sum(levels[nested] - 1)
}

# Sums of squares of what the clusters move; with two clusterings both, less their combination.
by_clusters <- function(clusters, of_one) {
  if (length(clusters) == 1) return(of_one(clusters[[1]]))
  both <- recoded(clusters[[1]] * (max(clusters[[2]]) + 1) + clusters[[2]])
  of_one(clusters[[1]]) + of_one(clusters[[2]]) - of_one(both)
}

# A model as a script describes it, estimated: estimates, standard errors under `kind`, number of rows.
estimate_model <- function(data, model, kind = model$vcov) {
  data <- keep_rows(data, c(model$outcome, model$regressors, model$instruments, model$cluster, model$complete), model$effects,
                    model$weights, model$allowed, model$used, model$singletons)
  fit <- fit_once(data, model)
  n <- nrow(data)
  clusters <- lapply(setNames(model$cluster, model$cluster), function(name) codes_of(data, name))
  moves <- fit$scores %*% fit$bread
  if (kind == "crv3") {
    variance <- jackknife(data, model, clusters, fit)
  } else {
    k <- parameters(data, model, if (kind == "crv1") clusters else list())
    factor <- if (model$small$observations) (n - 1) / (n - k) else 1
    if (kind == "iid") {
      variance <- fit$bread * factor * (if (model$estimator == "poisson") 1 else fit$squares / (n - 1))
    } else if (kind == "hetero") {
      variance <- crossprod(moves) * factor * (if (model$small$clusters) n / (n - 1) else 1)
    } else {
      smallest <- min(vapply(clusters, max, 0))
      factor <- factor * (if (model$small$clusters) smallest / (smallest - 1) else 1)
      variance <- by_clusters(clusters, function(cluster) crossprod(rowsum(moves, cluster))) * factor
    }
  }
  list(n = n, estimate = fit$estimate, std_error = setNames(sqrt(diag(variance)), names(fit$estimate)))
}

# The cluster jackknife: how far the estimates without each cluster lie from those with all, times (G - 1)/G.
jackknife <- function(data, model, clusters, fit) {
  estimate <- fit$estimate
  by_clusters(clusters, function(cluster) {
    g <- max(cluster)
    moved <- t(vapply(seq_len(g), function(one) {
      rows <- cluster != one
      fit_once(data[rows, , drop = FALSE], model, fit$eta[rows])$estimate - estimate
    }, estimate))
    if (length(estimate) == 1) moved <- t(moved)
    (g - 1) / g * crossprod(moved)
  })
}

# Effects of cohorts by year (Callaway and Sant'Anna 2021) without controls: changes since the base year, of the cohort
# less those of firms that are never or not yet treated, among the firms seen in both years.
group_time <- function(data, model) {
  for (marker in model$allowed) data <- data[data[[marker]] == 1, , drop = FALSE]
  data <- data[complete.cases(data[c(model$outcome, model$firm, model$year, model$cohort)]), , drop = FALSE]
  years <- sort(unique(data[[model$year]]))
  firms <- sort(unique(data[[model$firm]]))
  wide <- matrix(NA_real_, length(firms), length(years))
  at <- cbind(match(data[[model$firm]], firms), match(data[[model$year]], years))
  wide[at] <- data[[model$outcome]]
  cohort <- data[[model$cohort]][match(firms, data[[model$firm]])]
  found <- c()
  for (g in sort(unique(cohort[cohort > 0]))) {
    before <- which(years < g)
    if (!length(before)) next
    for (t in seq_along(years)) {
      base <- if (years[t] >= g || model$base == "universal") max(before) else t - 1
      if (base < 1 || base == t) next
      others <- cohort == 0
      if (model$control == "not_yet_treated") others <- others | cohort > max(years[c(t, base)])
      change <- wide[, t] - wide[, base]
      name <- paste0("att[g=", g, ",t=", years[t], "]")
      found[name] <- mean(change[cohort == g], na.rm = TRUE) - mean(change[others & cohort != g], na.rm = TRUE)
    }
  }
  list(n = nrow(data), estimate = found, std_error = c())
}

# Hold a model against the numbers that the tables show; all differences are told before the script stops.
check <- function(name, n, found, estimate, std_error, tolerance = 1e-6) {
  std_error <- std_error[!is.na(std_error)]
  wrong <- character(0)
  if (found$n != n) wrong <- paste0("rows: ", found$n, ", expected ", n)
  scale <- if (length(std_error)) pmax(abs(estimate), std_error[names(estimate)], na.rm = TRUE) else abs(estimate)
  off <- abs(found$estimate[names(estimate)] - estimate) / scale
  error_off <- abs(found$std_error[names(std_error)] / std_error - 1)
  far <- !(c(off, error_off) < tolerance)
  if (any(far)) {
    told <- paste(c(rep("estimate of", length(off)), rep("std. error of", length(error_off))), names(c(off, error_off)))
    wrong <- c(wrong, paste0(told[far], " differs by ", format(c(off, error_off)[far], digits = 3)))
  }
  most <- if (length(off)) max(c(off, error_off)) else 0
  cat(if (length(wrong)) "DIFFERS" else "agrees", " ", name, ": ", n, " rows, ", length(estimate), " estimates, ",
      length(std_error), " standard errors, largest relative difference ", format(most, digits = 2), "\n", sep = "")
  if (length(wrong)) cat(paste0("  ", wrong, "\n"), sep = "")
  differences[[name]] <<- wrong
}

finish <- function() stopifnot("estimates differ from the tables" = !length(unlist(differences)))
