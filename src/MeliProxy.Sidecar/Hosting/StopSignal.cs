using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>Tells when the process is asked to end, by SIGTERM or SIGINT. The second time, it ends at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),

        // A closed terminal is no reason to end, and the configuration is read again by itself.
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
    ];

    public CancellationToken Token => _asked.Token;

    public Task WaitAsync()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Token.Register(asked.SetResult);
        return asked.Task;
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _asked.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = !_asked.IsCancellationRequested;
        _asked.Cancel();
    }
}
