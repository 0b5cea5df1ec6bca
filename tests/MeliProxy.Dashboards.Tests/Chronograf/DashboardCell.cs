namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>A cell of a dashboard, as far as it is asked for here.</summary>
internal sealed record DashboardCell(string I, string Name, string Type, IReadOnlyList<CellQuery> Queries);
