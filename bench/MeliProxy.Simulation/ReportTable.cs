using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MeliProxy.Simulation;

/// <summary>Runs scenarios and shows what they come to, a row each.</summary>
internal sealed class ReportTable : IDisposable
{
    private readonly string? _file;
    private readonly StringBuilder _text = new();

    public ReportTable(string? file)
    {
        _file = file;
        Write("| scenario | most ÷ bound | most ÷ limit | mean ÷ limit | used | rejected | messages/s per node | reports/s at owner | bytes/s per node | steps | steps/s |");
        Write("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    }

    public void Add(Scenario scenario)
    {
        long started = Stopwatch.GetTimestamp();
        Outcome o = SimulationRun.Run(scenario);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            | {scenario.Name} | {(double)o.MostInWindow / o.Bound:F3} | {(double)o.MostInWindow / scenario.Rule.Limit:F2} | {o.MeanWindowRatio:F3} | {100 * o.Utilization:F1} % | {100 * o.Rejected:F1} % | {o.MessagesPerNodeAndSecond:F2} | {o.ReportsPerOwnerAndSecond:N0} | {o.BytesPerNodeAndSecond:N0} | {o.Steps:N0} | {o.Steps / seconds:N0} |
            """));
    }

    public void Dispose()
    {
        if (_file is not null)
        {
            File.WriteAllText(_file, _text.ToString());
        }
    }

    private void Write(string line)
    {
        Console.WriteLine(line);
        _text.AppendLine(line);
    }
}
