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

    /// <summary>The names of all instruments that measure anything, by the value of a tag.</summary>
    public ILookup<object?, string> InstrumentsBy(string tag)
    {
        List<(object? Value, string Instrument)> measured = [];
        Measure(_ => true, (instrument, _, tags) => measured.Add((tags.GetValueOrDefault(tag), instrument)));
        return measured.Distinct().ToLookup(m => m.Value, m => m.Instrument);
    }

    public void Dispose() => _meter.Dispose();

    private List<string> CollectWhere(Predicate<string> isMeant)
    {
        List<string> lines = [];
        Measure(isMeant, (instrument, value, tags) => lines.Add(FormattableString.Invariant(
            $"{instrument} {tags.GetValueOrDefault("rule")} {tags.GetValueOrDefault("outcome")} {value}")));
        return lines;
    }

    private void Measure(Predicate<string> isMeant, Action<string, object?, Dictionary<string, object?>> take)
    {
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

        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
            take(instrument.Name[Prefix.Length..], value, new Dictionary<string, object?>(tags.ToArray()));
    }
}
