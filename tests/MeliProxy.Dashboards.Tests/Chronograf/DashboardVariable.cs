namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>A variable of a dashboard, such as <c>:step:</c>, and what it can stand for.</summary>
internal sealed record DashboardVariable(string TempVar, string Type, IReadOnlyList<VariableValue> Values, VariableQuery? Query);
