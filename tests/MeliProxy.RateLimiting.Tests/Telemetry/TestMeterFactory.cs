using System.Diagnostics.Metrics;

namespace MeliProxy.RateLimiting.Tests.Telemetry;

/// <summary>Makes one meter, as the factory of a container does, and reads it.</summary>
internal sealed class TestMeterFactory : IMeterFactory
{
    private const string Prefix = "meliproxy.rate_limiting.";

    private readonly Meter _meter = new("MeliProxy.RateLimiting");

    public Meter Create(MeterOptions options)
    {
        Assert.Equal(_meter.Name, options.Name);
        return _meter;
    }

    /// <summary>The measurements of an instrument: its name, rule, outcome and value.</summary>
    public List<string> Collect(string instrument) => CollectWhere(name => name == instrument);

    /// <summary>The measurements of all instruments whose name begins so.</summary>
    public List<string> CollectAll(string prefix) => CollectWhere(name => name.StartsWith(prefix, StringComparison.Ordinal));

    public void Dispose() => _meter.Dispose();

    private List<string> CollectWhere(Predicate<string> isMeant)
    {
        List<string> lines = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (published, l) =>
        {
            if (published.Meter == _meter && isMeant(published.Name[Prefix.Length..]))
            {
                l.EnableMeasurementEvents(published);
            }
        };
        listener.SetMeasurementEventCallback<long>(Take);
        listener.SetMeasurementEventCallback<double>(Take);
        listener.Start();
        listener.RecordObservableInstruments();
        return lines;

        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            Dictionary<string, object?> named = new(tags.ToArray());
            lines.Add(FormattableString.Invariant(
                $"{instrument.Name[Prefix.Length..]} {named.GetValueOrDefault("rule")} {named.GetValueOrDefault("outcome")} {value}"));
        }
    }
}
