using Yarp.ReverseProxy.Configuration;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Registers what forwards requests straight to their destination.</summary>
internal static class DirectForwardingServices
{
    public static void AddDirectForwarding(this IServiceCollection services, ReverseProxySection section)
    {
        services.AddSingleton(section);
        services.AddSingleton<ForwardingCounts>();
        services.AddSingleton<UpstreamPools>();
        services.AddSingleton<RequestHead>();
        services.AddSingleton<DirectExchange>();
        services.AddSingleton<DirectRoutes>();
        services.AddSingleton<IConfigChangeListener>(provider => provider.GetRequiredService<DirectRoutes>());
        services.AddSingleton<DirectForwarding>();
    }
}
