using System.Security.Claims;
using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>claim:NAME</c>: all values of a claim of the user.</summary>
internal sealed class ClaimKeySource(string type) : IPartitionKeySource<HttpContext>
{
    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        KeyText text = default;

        // HttpContext.User would make up a principal where there is none.
        if (resource.Features.Get<IHttpAuthenticationFeature>()?.User is { } user)
        {
            foreach (Claim claim in user.Claims)
            {
                // Without regard to case, as ClaimsIdentity.FindAll does.
                if (string.Equals(claim.Type, type, StringComparison.OrdinalIgnoreCase))
                {
                    text.AppendValue(ref writer, claim.Value);
                }
            }
        }

        return text.Complete(ref writer);
    }
}
