using MeliProxy.RateLimiting.InfluxDB.Tests.Server;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;

/// <summary>A sink with a server that answers as told and a clock that stands still.</summary>
internal sealed class ScriptedSink : IAsyncDisposable
{
    public ScriptedSink(Func<InfluxDBSinkOptions, InfluxDBSinkOptions>? change = null)
    {
        InfluxDBSinkOptions options = new()
        {
            Url = Server.Url,
            Database = "usage",
            FlushInterval = TimeSpan.Zero,

            // Unlike all delays, as the clock tells waits apart by their length.
            RequestTimeout = TimeSpan.FromSeconds(11),
            Loggers = Log,
            TimeProvider = Clock,
            Random = new FixedRandom(0),
        };
        Sink = new InfluxDBUsageSink(change?.Invoke(options) ?? options);
    }

    public ScriptedServer Server { get; } = new();

    public SteppedClock Clock { get; } = new();

    public CollectedLog Log { get; } = new();

    public InfluxDBUsageSink Sink { get; }

    /// <summary>Lines that the server said it has stored.</summary>
    public IEnumerable<string> LinesOf(int request) => Server.Requests[request].Lines;

    public Task RequestsAsync(int count) => Eventually.TrueAsync(() => Server.Requests.Count >= count);

    public Task AllDoneAsync() => Eventually.TrueAsync(() => Sink.Status.Queued == 0);

    /// <summary>Waits for something to be wrong.</summary>
    public async Task<string> ProblemAsync()
    {
        await Eventually.TrueAsync(() => Sink.Status.Problem is not null);
        return Sink.Status.Problem!;
    }

    public async ValueTask DisposeAsync()
    {
        // What is left is tried once more, and a server that says nothing is not waited for.
        ValueTask disposed = Sink.DisposeAsync();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await disposed;
        await Server.DisposeAsync();
    }
}
