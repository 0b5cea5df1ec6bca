using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace MeliProxy.Sidecar.Transport;

/// <summary>Lets a server serve its connections on the <see cref="EventLoops"/>.</summary>
internal sealed class LoopTransport(IMemoryPoolFactory<byte> memoryPools, TimeProvider time) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly MemoryPool<byte> _memoryPool = memoryPools.Create();

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(LoopListener.Bind((IPEndPoint)endpoint, _memoryPool, time));

    public void Dispose() => _memoryPool.Dispose();
}
