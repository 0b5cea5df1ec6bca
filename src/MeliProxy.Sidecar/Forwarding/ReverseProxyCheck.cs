using MeliProxy.Sidecar.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>Has YARP itself check a <c>ReverseProxy</c> section before it is put in force.</summary>
internal static class ReverseProxyCheck
{
    public static async Task<IReadOnlyList<string>> FindErrorsAsync(SidecarConfiguration configuration)
    {
        if (configuration.ReverseProxy is null)
        {
            return [];
        }

        ServiceCollection services = new();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddRouting();
        services.AddReverseProxy().LoadFromConfig(new ConfigurationBuilder().Add(new ReverseProxySection(configuration)).Build());
        await using ServiceProvider provider = services.BuildServiceProvider();
        IProxyConfig proxy;
        try
        {
            proxy = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return [e.Message];
        }

        IConfigValidator validator = provider.GetRequiredService<IConfigValidator>();
        List<Exception> errors = [];
        foreach (RouteConfig route in proxy.Routes)
        {
            errors.AddRange(await validator.ValidateRouteAsync(route));
            if (route.ClusterId is { } id && proxy.Clusters.All(cluster => !string.Equals(cluster.ClusterId, id, StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add(new ArgumentException($"Route '{route.RouteId}' names the cluster '{id}', which is not there."));
            }
        }

        foreach (IGrouping<(RouteMatch, int?), RouteConfig> same in proxy.Routes.GroupBy(route => (route.Match, route.Order)).Where(g => g.Count() > 1))
        {
            errors.Add(new ArgumentException(
                $"Routes {string.Join(", ", same.Select(route => $"'{route.RouteId}'"))} match the same requests; give them a different Match or Order."));
        }

        foreach (ClusterConfig cluster in proxy.Clusters)
        {
            errors.AddRange(await validator.ValidateClusterAsync(cluster));
        }

        return [.. errors.Select(error => error.Message)];
    }
}
