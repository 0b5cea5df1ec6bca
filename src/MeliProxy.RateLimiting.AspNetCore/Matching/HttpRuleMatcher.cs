using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>What the match of a rule means for HTTP requests.</summary>
/// <remarks>
/// The path is compared in the canonical form that the key part <c>path</c> has too. A method is the one of the request line: headers that
/// claim to override it are not honoured. A host is compared without its port. Endpoints ask for rules by
/// <see cref="RequireQuotaAttribute"/>.
/// </remarks>
internal sealed class HttpRuleMatcher
{
    private readonly string? _requiredRule;
    private readonly PathPattern? _path;
    private readonly string[] _methods;
    private readonly HostPattern[] _hosts;
    private readonly HeaderCondition[] _headers;

    private HttpRuleMatcher(string rule, RuleMatch match, List<RuleError> errors)
    {
        _requiredRule = match.Endpoint ? rule : null;
        _path = ReadPath(match.Path, errors);
        _methods = ReadMethods(match.Methods, errors);
        _hosts = ReadHosts(match.Hosts, errors);
        _headers = ReadHeaders(match.Headers, errors);
    }

    /// <summary>Turns the match of a rule into a test, for <see cref="QuotaLimiterOptions{TResource}.RuleMatcher"/>.</summary>
    /// <param name="rule">The rule, which has a match.</param>
    /// <returns>A test that may be called by many threads at once and does not allocate.</returns>
    /// <exception cref="InvalidRulesException">
    /// The match cannot be used; says all that is wrong, with paths relative to the match.
    /// </exception>
    public static Predicate<HttpContext> Compile(RateLimitRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule?.Match);
        List<RuleError> errors = [];
        HttpRuleMatcher matcher = new(rule.Name, rule.Match, errors);
        return errors.Count == 0 ? matcher.IsMatch : throw new InvalidRulesException(errors);
    }

    private bool IsMatch(HttpContext context)
    {
        HttpRequest request = context.Request;
        return MatchesEndpoint(context) && MatchesMethod(request) && MatchesHost(request) && MatchesHeaders(request)
            && MatchesPath(request);
    }

    private bool MatchesEndpoint(HttpContext context)
    {
        if (_requiredRule is null)
        {
            return true;
        }

        IReadOnlyList<RequireQuotaAttribute> requirements =
            context.GetEndpoint()?.Metadata.GetOrderedMetadata<RequireQuotaAttribute>() ?? [];
        for (int i = 0; i < requirements.Count; i++)
        {
            if (requirements[i].Names(_requiredRule))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesMethod(HttpRequest request)
    {
        if (_methods.Length == 0)
        {
            return true;
        }

        string method = request.Method;
        foreach (string expected in _methods)
        {
            if (HttpMethods.Equals(expected, method))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesHost(HttpRequest request)
    {
        if (_hosts.Length == 0)
        {
            return true;
        }

        ReadOnlySpan<char> host = HostName.WithoutPort(request.Host.Value);
        foreach (HostPattern pattern in _hosts)
        {
            if (pattern.IsMatch(host))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesHeaders(HttpRequest request)
    {
        foreach (HeaderCondition condition in _headers)
        {
            if (!condition.IsMatch(request.Headers))
            {
                return false;
            }
        }

        return true;
    }

    private bool MatchesPath(HttpRequest request)
    {
        if (_path is null)
        {
            return true;
        }

        using CanonicalPath path = CanonicalPath.Of(request);
        return _path.IsMatch(path.Value);
    }

    private static PathPattern? ReadPath(string? text, List<RuleError> errors)
    {
        if (text is null)
        {
            return null;
        }

        if (!PathPattern.TryParse(text, out PathPattern? path, out string? error))
        {
            errors.Add(new RuleError("$.path", error));
        }

        return path;
    }

    private static string[] ReadMethods(IReadOnlyList<string> methods, List<RuleError> errors)
    {
        for (int i = 0; i < methods.Count; i++)
        {
            if (!HttpToken.IsValid(methods[i]))
            {
                errors.Add(new RuleError($"$.methods[{i}]", $"'{methods[i]}' is no HTTP method; leave methods out to match any"));
            }
        }

        return [.. methods];
    }

    private static HostPattern[] ReadHosts(IReadOnlyList<string> hosts, List<RuleError> errors)
    {
        List<HostPattern> patterns = [];
        for (int i = 0; i < hosts.Count; i++)
        {
            if (HostPattern.TryParse(hosts[i], out HostPattern? pattern, out string? error))
            {
                patterns.Add(pattern);
            }
            else
            {
                errors.Add(new RuleError($"$.hosts[{i}]", error));
            }
        }

        return [.. patterns];
    }

    private static HeaderCondition[] ReadHeaders(IReadOnlyDictionary<string, string> headers, List<RuleError> errors)
    {
        List<HeaderCondition> conditions = [];
        foreach ((string name, string value) in headers)
        {
            conditions.Add(new HeaderCondition(name, value));
            if (!HttpToken.IsValid(name))
            {
                errors.Add(new RuleError($"$.headers.{name}", $"'{name}' is no header name"));
            }
        }

        return [.. conditions];
    }
}
