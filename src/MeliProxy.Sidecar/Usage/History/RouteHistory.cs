namespace MeliProxy.Sidecar.Usage.History;

/// <summary>What passed over a route step by step, of one class of status.</summary>
/// <param name="Route">The name of the route.</param>
/// <param name="StatusClass">1 to 5; 0 for requests without an answer.</param>
internal sealed record RouteHistory(string Route, int StatusClass)
{
    /// <summary>By number of the step, those in which nothing happened left out.</summary>
    public SortedDictionary<int, RoutePoint> Points { get; } = [];

    /// <summary>The same in longer steps.</summary>
    /// <param name="from">The range of this.</param>
    /// <param name="to">The range that the result is to have.</param>
    public RouteHistory By(HistoryRange from, HistoryRange to)
    {
        RouteHistory longer = new(Route, StatusClass);
        foreach ((int index, RoutePoint point) in Points)
        {
            int place = to.IndexOf(from.From + (index * from.Step));
            if (!longer.Points.TryGetValue(place, out RoutePoint? sum))
            {
                longer.Points.Add(place, sum = new RoutePoint());
            }

            sum.Add(point);
        }

        return longer;
    }
}
