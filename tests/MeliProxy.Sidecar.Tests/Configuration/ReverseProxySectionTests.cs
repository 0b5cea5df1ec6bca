using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Forwarding;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class ReverseProxySectionTests
{
    private const string Section = """
        {
          "ReverseProxy": {
            "Routes": {
              "items": {
                "ClusterId": "API", "order": 3, "MaxRequestBodySize": -1, "Timeout": "00:00:30",
                "Match": {
                  "Path": "/items/{**rest}", "Hosts": ["a.example"], "Methods": ["GET"],
                  "Headers": [ { "Name": "X-A", "Values": ["1"], "Mode": "exactheader", "IsCaseSensitive": "True" } ],
                  "QueryParameters": [ { "Name": "q", "Mode": "Exists" } ]
                },
                "Metadata": { "a.b": 5 },
                "Transforms": [ { "PathPrefix": "/x" }, { "RequestHeadersCopy": true } ]
              }
            },
            "clusters": {
              "api": {
                "LoadBalancingPolicy": "RoundRobin",
                "SessionAffinity": { "Enabled": false, "AffinityKeyName": "k", "Cookie": { "SameSite": "Lax", "MaxAge": "1.00:00:00" } },
                "HealthCheck": { "Active": { "Enabled": "true", "Interval": "00:00:10" }, "Passive": { "Enabled": true } },
                "HttpClient": { "SslProtocols": ["Tls12", "Tls13"], "MaxConnectionsPerServer": 10, "WebProxy": { "Address": "http://proxy:3128" } },
                "HttpRequest": { "ActivityTimeout": "00:01:00", "Version": "2", "VersionPolicy": "RequestVersionExact" },
                "Destinations": { "one": { "Address": "https://one.example", "Host": null } }
              }
            }
          }
        }
        """;

    [Fact]
    public void A_section_is_handed_to_YARP_as_it_is()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(Section);
        Assert.Empty(configuration.Upstream);
        Assert.Equal("the clusters api", configuration.DescribeUpstream());

        ServiceCollection services = new();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(new ConfigurationBuilder().AddInMemoryCollection(configuration.ReverseProxy!).Build());
        using ServiceProvider provider = services.BuildServiceProvider();
        IProxyConfig proxy = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();

        RouteConfig route = Assert.Single(proxy.Routes);
        Assert.Equal(3, route.Order);
        Assert.Equal("5", route.Metadata!["a.b"]);
        Assert.True(Assert.Single(route.Match.Headers!).IsCaseSensitive);
        Assert.Equal(["PathPrefix", "RequestHeadersCopy"], route.Transforms!.SelectMany(t => t.Keys));
        ClusterConfig cluster = Assert.Single(proxy.Clusters);
        Assert.Equal("https://one.example", cluster.Destinations!["one"].Address);
        Assert.Equal(TimeSpan.FromDays(1), cluster.SessionAffinity!.Cookie!.MaxAge);
        Assert.Equal(10, cluster.HttpClient!.MaxConnectionsPerServer);
        Assert.Equal(new Version(2, 0), cluster.HttpRequest!.Version);
    }

    [Fact]
    public void A_variable_changes_a_member_whatever_its_case()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            Section, ("MELIPROXY__REVERSEPROXY__CLUSTERS__API__DESTINATIONS__ONE__ADDRESS", "http://two.example"));

        Assert.Equal("http://two.example", configuration.ReverseProxy!["Clusters:api:Destinations:one:Address"]);
        Assert.Equal("http://two.example", configuration.ReverseProxy["clusters:API:destinations:ONE:address"]);
    }

    [Fact]
    public void Mistakes_that_YARP_would_ignore_or_throw_on_are_named() =>
        Assert.Equal(
            [
                "meliproxy.json:4: $.ReverseProxy.Routes.a.ClusterID2: is unknown; did you mean 'ClusterId'?",
                "meliproxy.json:5: $.ReverseProxy.Routes.a.Order: must be a whole number",
                "meliproxy.json:6: $.ReverseProxy.Routes.a.Timeout: must be a time such as \"00:01:30\"",
                "meliproxy.json:7: $.ReverseProxy.Routes.a.Match.Hosts: must be an array",
                "meliproxy.json:8: $.ReverseProxy.Routes.b.ClusterId: there is no cluster 'y'",
                "meliproxy.json:8: $.ReverseProxy.Routes.b: needs Match with Path or Hosts; the Path \"/{**all}\" matches everything",
                "meliproxy.json:11: $.ReverseProxy.Clusters.x.Destinations.d.Address: must be an absolute http:// or https:// URL without user name and password",
                "meliproxy.json:12: $.ReverseProxy.Clusters.x.Destinations.e: 'Address' is missing",
                "meliproxy.json:14: $.ReverseProxy.Clusters.X: is given twice; names are compared without regard to case here",
            ],
            ConfigurationFolder.ErrorsOf("""
                { "ReverseProxy": {
                    "Routes": {
                      "a": { "ClusterId": "x",
                        "ClusterID2": "x",
                        "Order": "first",
                        "Timeout": "30s",
                        "Match": { "Hosts": "a.example" } },
                      "b": { "ClusterId": "y" } },
                    "Clusters": {
                      "x": { "Destinations": {
                        "d": { "Address": "one.example" },
                        "e": { }
                      } },
                      "X": { } } } }
                """).OrderBy(e => int.Parse(e.Split(':')[1], null)).ThenBy(e => e, StringComparer.Ordinal));

    [Fact]
    public void It_and_upstream_exclude_each_other() =>
        Assert.Equal(
            "environment variable MELIPROXY__UPSTREAM: $.upstream: must not be set together with ReverseProxy, which says where requests go",
            Assert.Single(ConfigurationFolder.ErrorsOf(Section, ("MELIPROXY__UPSTREAM", "http://x"))));

    [Fact]
    public void Forwarding_goes_for_each_cluster_that_says_nothing_else()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid("""
            { "ReverseProxy": {
                "Routes": { "r": { "ClusterId": "a", "Match": { "Path": "/{**rest}" } } },
                "Clusters": {
                  "a": { "Destinations": { "d": { "Address": "http://a.example" } } },
                  "b": { "HttpRequest": { "ActivityTimeout": "00:00:09" }, "Destinations": { "d": { "Address": "http://b.example" } } } } },
              "forwarding": { "connectTimeout": "1s", "activityTimeout": "3s" } }
            """);
        ServiceCollection services = new();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(new ConfigurationBuilder().Add(new ReverseProxySection(configuration)).Build());
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal(
            [("a", TimeSpan.FromSeconds(3), "00:00:01"), ("b", TimeSpan.FromSeconds(9), "00:00:01")],
            provider.GetRequiredService<IProxyConfigProvider>().GetConfig().Clusters
                .Select(c => (c.ClusterId, c.HttpRequest!.ActivityTimeout!.Value, c.Metadata![UpstreamClientFactory.ConnectTimeoutKey]))
                .Order());
    }

    [Fact]
    public void Policies_that_only_a_program_could_have_are_refused() =>
        Assert.Equal(
            [
                "meliproxy.json:2: $.ReverseProxy.Routes.a.AuthorizationPolicy: the sidecar has no policies; leave it out",
                "meliproxy.json:3: $.ReverseProxy.Routes.a.CorsPolicy: the sidecar has no policies; leave it out",
                "meliproxy.json:4: $.ReverseProxy.Routes.a.RateLimiterPolicy: the sidecar has no policies; say in rules what is limited",
                "meliproxy.json:5: $.ReverseProxy.Routes.a.OutputCachePolicy: the sidecar has no policies; leave it out",
                "meliproxy.json:6: $.ReverseProxy.Routes.a.TimeoutPolicy: the sidecar has no policies; set Timeout",
            ],
            ConfigurationFolder.ErrorsOf("""
                { "ReverseProxy": { "Routes": { "a": { "ClusterId": "c", "Match": { "Path": "/" },
                    "AuthorizationPolicy": "default",
                    "CorsPolicy": "disable",
                    "RateLimiterPolicy": "default",
                    "OutputCachePolicy": "x",
                    "TimeoutPolicy": "x" },
                  "b": { "ClusterId": "c", "Match": { "Path": "/b" }, "AuthorizationPolicy": "anonymous" } },
                  "Clusters": { "c": { "Destinations": { "d": { "Address": "http://a.example" } } } } } }
                """).OrderBy(e => e, StringComparer.Ordinal));

    [Fact]
    public void What_could_forward_nothing_is_refused() =>
        Assert.Equal(
            [
                "meliproxy.json:1: $.ReverseProxy.Clusters.c: needs at least one of Destinations",
                "meliproxy.json:1: $.ReverseProxy.Routes: needs at least one route; without one nothing is forwarded",
            ],
            ConfigurationFolder.ErrorsOf("""{ "ReverseProxy": { "Routes": {}, "Clusters": { "c": {} } } }""").Order(StringComparer.Ordinal));
}
