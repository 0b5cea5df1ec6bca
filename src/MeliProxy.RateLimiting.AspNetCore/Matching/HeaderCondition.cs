using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>A header that a request must have, with an exact value or with any.</summary>
internal sealed class HeaderCondition(string name, string value)
{
    private const string AnyValue = "*";

    private readonly bool _takesAny = value == AnyValue;

    public bool IsMatch(IHeaderDictionary headers)
    {
        StringValues values = headers[name];
        if (_takesAny)
        {
            return values.Count > 0;
        }

        foreach (string? present in values)
        {
            if (string.Equals(present ?? "", value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
