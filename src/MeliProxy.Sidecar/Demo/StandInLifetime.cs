namespace MeliProxy.Sidecar.Demo;

/// <summary>
/// Leaves signals to the sidecar: the default lifetime would stop the stand-in at the first SIGTERM, while the sidecar
/// still has requests to finish.
/// </summary>
internal sealed class StandInLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
