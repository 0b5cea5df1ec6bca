namespace MeliProxy.Sidecar.Usage.History;

/// <summary>What a rule did step by step.</summary>
/// <param name="Rule">The name of the rule.</param>
internal sealed record RuleHistory(string Rule)
{
    /// <summary>Whether it was in shadow mode at the end.</summary>
    public bool IsShadow { get; set; }

    /// <summary>By number of the step, those in which nothing happened left out.</summary>
    public SortedDictionary<int, RulePoint> Points { get; } = [];

    /// <summary>The same in longer steps.</summary>
    /// <param name="from">The range of this.</param>
    /// <param name="to">The range that the result is to have.</param>
    public RuleHistory By(HistoryRange from, HistoryRange to)
    {
        RuleHistory longer = new(Rule) { IsShadow = IsShadow };
        foreach ((int index, RulePoint point) in Points)
        {
            int place = to.IndexOf(from.From + (index * from.Step));
            if (!longer.Points.TryGetValue(place, out RulePoint? sum))
            {
                longer.Points.Add(place, sum = new RulePoint());
            }

            sum.Add(point);
        }

        return longer;
    }
}
