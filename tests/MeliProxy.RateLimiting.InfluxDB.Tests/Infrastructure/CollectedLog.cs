using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;

/// <summary>Keeps what is logged.</summary>
internal sealed class CollectedLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{eventId.Id} {logLevel}: {formatter(state, exception)}{exception}");

    /// <summary>How many lines there are of an event.</summary>
    public int Count(int id) => Lines.Count(line => line.StartsWith($"{id} ", StringComparison.Ordinal));
}
