"""Every coefficient of the simulated study, and the switches between its designs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Effects:
    """Planted effects: what causes what, per unit of the cause.

    Attributes
    ----------
    pressure_margin, pressure_short_termism, pressure_constraint : float
        Of pressure in t-1 on the three mediators in t.
    finance_pressure_constraint, finance_constraint : float
        Of digital finance in t-1 times pressure in t-1, and of digital finance in t-1, on constraint in t.
    direct : float
        Of pressure in t-1 on innovation in t+1, past the mediators.
    margin, short_termism, constraint : float
        Of the mediators in t on innovation in t+1.
    opportunity, management, exposure : float
        Of pressure in t-1 times the firm's two capabilities, and times its exposure to passive events in t.
    dose : float
        Of a passive event of strength one on innovation in the year of its onset, in the cities and industries it aims
        at; each year of tenure adds the share `dose_growth`.
    rd_intercept, rd_slope : float
        R&D in per cent of revenue is the intercept plus slope times innovation, and zero where that is negative.
    patents_intercept, patents_slope : float
        The logarithm of expected invention patents is the intercept plus slope times innovation.
    confounder_margin, confounder_innovation : float
        Of an unobserved firm-year variable, where `Settings.confounder` is on.
    feedback : float
        Of innovation in t on margin in t, where `Settings.feedback` is on.
    """

    pressure_margin: float = -0.30
    pressure_short_termism: float = 0.25
    pressure_constraint: float = 0.20
    finance_pressure_constraint: float = -0.08
    finance_constraint: float = 0.10
    direct: float = -0.10
    margin: float = 0.40
    short_termism: float = -0.30
    constraint: float = -0.35
    opportunity: float = 0.05
    management: float = 0.05
    exposure: float = 0.04
    dose: float = 0.40
    dose_growth: float = 0.25
    rd_intercept: float = 4.0
    rd_slope: float = 1.5
    patents_intercept: float = 0.3
    patents_slope: float = 0.35
    confounder_margin: float = 0.5
    confounder_innovation: float = 0.5
    feedback: float = 0.2

    def without_pressure(self) -> Effects:
        """The same, with no effect of pressure on anything but the accounts."""
        return replace(
            self,
            pressure_margin=0.0,
            pressure_short_termism=0.0,
            pressure_constraint=0.0,
            finance_pressure_constraint=0.0,
            direct=0.0,
            opportunity=0.0,
            management=0.0,
            exposure=0.0,
        )


@dataclass(frozen=True)
class Noise:
    """What moves the latent process beside the planted effects: persistence (first) and standard deviation (last).

    Attributes
    ----------
    pressure : float
        Persistence of pressure, whose standard deviation is one.
    mediators : tuple of float
        Of the firm's own part of each mediator.
    margin_shock, innovation_shock : tuple of float
        Of two independent shocks to industry-years, one to margins and one to innovation. Without the second,
        clustering by firm would look fine.
    finance : tuple of float
        Of digital finance around its trend, in hundreds of index points.
    finance_diffusion : float
        Share by which the trend of a city is steeper for each 1,000 km that it is nearer to Hangzhou than the mean.
    confounder : tuple of float
    revenue : tuple of float
        Of the logarithm of a firm's revenue around its industry's path.
    prices, capacity : float
        Standard deviations of the industry's prices and capacity utilisation.
    firm : float
        Standard deviation of the firm's lasting part of each mediator and of innovation.
    year : float
        Standard deviation of the year's shock to innovation.
    innovation : float
        Standard deviation of what is left of innovation.
    instrument, instrument_invalid : float
        Correlation of the instruments with pressure, and of the second with the industry's shock to innovation.
    shift_share : float
        Effect of the sum of shares times shocks on pressure, as a share of the largest that is possible.
    """

    pressure: float = 0.6
    mediators: tuple[float, float] = (0.4, 1.0)
    margin_shock: tuple[float, float] = (0.3, 0.15)
    innovation_shock: tuple[float, float] = (0.5, 0.3)
    finance: tuple[float, float] = (0.7, 0.25)
    finance_diffusion: float = 0.5
    confounder: tuple[float, float] = (0.4, 1.0)
    revenue: tuple[float, float] = (0.85, 0.15)
    prices: float = 0.003
    capacity: float = 0.005
    firm: float = 0.5
    year: float = 0.1
    innovation: float = 1.0
    instrument: float = 0.6
    instrument_invalid: float = 0.4
    shift_share: float = 0.98


@dataclass(frozen=True)
class Loadings:
    """How pressure shows in the accounts: each is the effect of one standard deviation of pressure in the same year.

    Attributes
    ----------
    margin_path : float
        On the industry's gross margin, measured from its mean of the three years before: the fall lasts.
    margin_firm : float
        Of one unit of the latent margin on the firm's gross margin.
    revenue, effort, capital, inventory : float
        On the growth of revenue, of selling and administrative expense before R&D, of fixed assets, and of
        inventories beyond that of revenue.
    revenue_growth, effort_growth, capital_growth : float
        Growth without pressure.
    size : float
        Share by which firm sizes draw together.
    prices, capacity : float
        On the growth of the industry's prices and on its capacity utilisation.
    entry : float
        On the logarithm of expected entrants.
    """

    margin_path: float = -0.025
    margin_firm: float = 0.05
    revenue: float = 0.03
    effort: float = 0.08
    capital: float = 0.04
    inventory: float = 0.05
    revenue_growth: float = 0.06
    effort_growth: float = 0.05
    capital_growth: float = 0.03
    size: float = 0.10
    prices: float = -0.02
    capacity: float = -0.04
    entry: float = 0.60


@dataclass(frozen=True)
class Settings:
    """Size of the simulated panel, its switches and its coefficients.

    Attributes
    ----------
    firms : int
        Firms of the first year, over all industries: sizes are exp N(3.2, .7^2) within 8 and 120, times one factor.
    industries, cities, years, first_year : int
        Years are all written; the lags of the planted equations take two of them.
    burn_in : int
        Years simulated before the first, so that nothing written starts from nowhere.
    null : bool
        Pressure has no effect on mediators and innovation.
    confounder : bool
        An unobserved variable moves both margin and innovation.
    feedback : bool
        Innovation moves the margin of its year.
    dose : bool
        Events have effects of their own, which differ by strength and grow with tenure.
    attrition : bool
        Exit depends on the margin; without it firms leave at random.
    exit_intercept, exit_slope : float
        Log odds of leaving after the year: ``exit_intercept - exit_slope x margin``.
    entry_rate : float
        Entrants of a year without pressure, as a share of the industry's first firms.
    unreported : float
        Share of the small firms' rows in which R&D is not reported.
    markets : int
        Foreign markets in which industries have shares.
    effects : Effects
    noise : Noise
    loadings : Loadings
    """

    firms: int = 2_500
    industries: int = 60
    cities: int = 40
    years: int = 12
    first_year: int = 2011
    burn_in: int = 2
    null: bool = False
    confounder: bool = False
    feedback: bool = False
    dose: bool = True
    attrition: bool = True
    exit_intercept: float = -3.2
    exit_slope: float = 0.6
    entry_rate: float = 0.045
    unreported: float = 0.15
    markets: int = 40
    effects: Effects = field(default_factory=Effects)
    noise: Noise = field(default_factory=Noise)
    loadings: Loadings = field(default_factory=Loadings)

    @property
    def planted(self) -> Effects:
        """The effects as they are at work: those of pressure are zero under `null`."""
        return self.effects.without_pressure() if self.null else self.effects
