namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>A query of a cell, with variables in it.</summary>
internal sealed record CellQuery(string Query);
