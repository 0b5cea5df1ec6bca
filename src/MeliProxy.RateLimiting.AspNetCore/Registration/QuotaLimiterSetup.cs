using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MeliProxy.RateLimiting.AspNetCore.Registration;

/// <summary>What one call of <c>AddQuotaLimiter</c> asks for.</summary>
internal sealed record QuotaLimiterSetup(Action<QuotaLimiterOptions<HttpContext>>? Configure, IConfiguration? Section);
