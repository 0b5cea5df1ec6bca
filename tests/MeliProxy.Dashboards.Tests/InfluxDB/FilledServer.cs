namespace MeliProxy.Dashboards.Tests.InfluxDB;

/// <summary>An InfluxDB with two hours of seconds up to now and a while beyond, and the minutes and hours of them; made once for all tests of a class.</summary>
public sealed class FilledServer : IAsyncDisposable
{
    private InfluxServer? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>The server; the test is skipped if there is none on this machine.</summary>
    internal async Task<InfluxServer> StartedAsync()
    {
        if (_server is null)
        {
            _server = await InfluxServer.StartAsync();
            await RetentionFile.CreateDatabaseAsync(_server);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            DateTimeOffset hour = new(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
            // Into the future too, so that the machine may take its time until the last query.
            await _server.WriteAsync("1s", GeneratedPoints.Between(hour.AddHours(-2), now.AddMinutes(20)));
            await RetentionFile.RollUpAsync(_server);
        }

        return _server;
    }
}
