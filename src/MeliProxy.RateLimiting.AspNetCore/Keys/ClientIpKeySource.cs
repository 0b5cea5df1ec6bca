using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>client-ip</c>.</summary>
internal sealed class ClientIpKeySource(ClientAddressResolver resolver) : IPartitionKeySource<HttpContext>
{
    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        if (!resolver.TryResolve(resource, out ClientIp client))
        {
            return false;
        }

        writer.Append(client);
        return true;
    }
}
