using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>What a running sidecar tells of those that it shares quotas with, and the client that commands ask it with.</summary>
public sealed class NodesTests
{
    private const string Nodes = "/api/v1/nodes";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sidecar_that_shares_nothing_tells_of_itself()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, """ "rules": [], "sharing": { "node": "the-only-one" } """);
        await using AdminClient client = new(sidecar.AdminAddress.ToString(), null);

        using JsonDocument answer = await client.AskAsync("nodes", [], Stop);

        Assert.Equal(JsonValueKind.Null, answer.RootElement.GetProperty("domain").ValueKind);
        JsonElement node = Assert.Single(answer.RootElement.GetProperty("nodes").EnumerateArray());
        Assert.Equal("the-only-one", node.GetProperty("node").GetString());
        Assert.False(node.GetProperty("shares").GetBoolean());
        Assert.False(node.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task A_sidecar_without_a_name_is_called_after_machine_and_port()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);
        await using AdminClient client = new(sidecar.AdminAddress.ToString(), null);

        using JsonDocument answer = await client.AskAsync("nodes", [], Stop);

        Assert.Equal(
            $"{Environment.MachineName}:{sidecar.Address.Port}", answer.RootElement.GetProperty("nodes")[0].GetProperty("node").GetString());
    }

    [Theory]
    [InlineData(null, "asks for its token; set MELIPROXY__ADMIN__TOKEN or give --token")]
    [InlineData("wrong", "does not take the token")]
    [InlineData("right", null)]
    public async Task The_token_is_sent_and_asked_for_in_words(string? token, string? error)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, adminToken: "right");
        await using AdminClient client = new(sidecar.AdminAddress.ToString(), token);
        if (error is null)
        {
            using JsonDocument answer = await client.AskAsync("nodes", [], Stop);
            Assert.Equal(JsonValueKind.Object, answer.RootElement.ValueKind);
        }
        else
        {
            AdminException e = await Assert.ThrowsAsync<AdminException>(() => client.AskAsync("nodes", [], Stop));
            Assert.EndsWith(error, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(404, "", "answered 404 to GET /api/v1/nodes; is it the admin listener of a sidecar of this version?")]
    [InlineData(302, "", "answered 302 to GET /api/v1/nodes; is it the admin listener of a sidecar of this version?")]
    [InlineData(200, "<html>", "answered something else than JSON to GET /api/v1/nodes; is it the admin listener of a sidecar?")]
    public async Task Another_server_is_told_apart(int status, string body, string error)
    {
        await using TestUpstream other = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = Nodes;
            return context.Response.WriteAsync(body);
        });
        await using AdminClient client = new(other.Address.ToString(), "secret");

        AdminException e = await Assert.ThrowsAsync<AdminException>(() => client.AskAsync("nodes", [], Stop));

        Assert.EndsWith(error, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_said_in_one_line()
    {
        using Socket taken = new(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using AdminClient client = new($"http://{taken.LocalEndPoint}", null);

        UnreachableException e = await Assert.ThrowsAsync<UnreachableException>(() => client.AskAsync("nodes", [], Stop));

        Assert.StartsWith($"cannot reach http://{taken.LocalEndPoint}: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("Say with --admin where a sidecar's admin listener is", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("127.0.0.1:8081", null, "--admin: '127.0.0.1:8081' must be an absolute http:// or https:// URL such as \"http://127.0.0.1:8081\"")]
    [InlineData("http://user:hunter2@host", null, "--admin: must not hold a user or password")]
    [InlineData("http://host/path", null, "--admin: must not have a path")]
    [InlineData("http://host", "hunter2\n", "the token must have visible ASCII characters only")]
    public void What_cannot_be_used_is_named(string address, string? token, string error)
    {
        AdminException e = Assert.Throws<AdminException>(() => new AdminClient(address, token));

        Assert.Equal(error, e.Message);
    }
}
