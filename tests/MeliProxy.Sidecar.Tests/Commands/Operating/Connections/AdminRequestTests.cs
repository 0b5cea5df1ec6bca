using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Connections;

namespace MeliProxy.Sidecar.Tests.Commands.Operating.Connections;

public sealed class AdminRequestTests
{
    [Theory]
    [InlineData("rules.list", "{}", "GET /api/v1/rules", null)]
    [InlineData("rules.list", """{ "limit": 5, "after": "a b" }""", "GET /api/v1/rules?limit=5&after=a%20b", null)]
    [InlineData("rules.get", """{ "name": "per-ip" }""", "GET /api/v1/rules/per-ip", null)]
    [InlineData("rules.put", """{ "name": "per-ip", "limit": 5, "by": "x" }""", "PUT /api/v1/rules/per-ip", """{ "limit": 5, "by": "x" }""")]
    [InlineData("rules.delete", """{ "name": "a", "dryRun": true }""", "DELETE /api/v1/rules/a", """{ "dryRun": true }""")]
    [InlineData("rules.import", """{ "rules": [] }""", "PUT /api/v1/rules", """{ "rules": [] }""")]
    [InlineData("rules.mode", """{ "mode": "shadow" }""", "PUT /api/v1/mode", """{ "mode": "shadow" }""")]
    [InlineData("rules.rollback", """{ "revision": 7 }""", "POST /api/v1/rollback", """{ "revision": 7 }""")]
    [InlineData("rules.cancel", """{ "id": 9, "by": "x" }""", "DELETE /api/v1/scheduled/9", """{ "by": "x" }""")]
    [InlineData("overrides.list", "{}", "GET /api/v1/overrides", null)]
    [InlineData("overrides.list", """{ "rule": "a", "limit": 2 }""", "GET /api/v1/rules/a/overrides?limit=2", null)]
    [InlineData(
        "overrides.put",
        """{ "rule": "a", "key": ["203.0.113.7", "/items/1"], "limit": 0 }""",
        "PUT /api/v1/rules/a/overrides/203.0.113.7/%2Fitems%2F1",
        """{ "limit": 0 }""")]
    [InlineData("overrides.delete", """{ "rule": "a", "key": ["x", "", "é?#%"] }""", "DELETE /api/v1/rules/a/overrides/x//%C3%A9%3F%23%25", "{}")]
    [InlineData("audit", """{ "limit": 20, "before": 5 }""", "GET /api/v1/audit?limit=20&before=5", null)]
    [InlineData("usage.query", """{ "rule": "a", "scope": "node" }""", "GET /api/v1/usage?rule=a&scope=node", null)]
    [InlineData("top", """{ "n": 10 }""", "GET /api/v1/top?n=10", null)]
    [InlineData("nodes", "{}", "GET /api/v1/nodes", null)]
    public void Each_command_has_its_path_and_leaves_the_rest_to_query_or_body(string command, string body, string line, string? rest)
    {
        AdminRequest request = AdminRequest.Of(command, Parse(body));

        Assert.Equal(line, $"{request.Method} {request.PathAndQuery}");
        Assert.True(JsonNode.DeepEquals(rest is null ? null : Parse(rest), request.Body), request.Body?.ToJsonString());
    }

    [Fact]
    public void The_body_of_the_caller_stays_as_it_is()
    {
        JsonObject body = Parse("""{ "name": "per-ip" }""");

        AdminRequest.Of("rules.delete", body);

        Assert.True(body.ContainsKey("name"));
    }

    [Theory]
    [InlineData("rules.put", """{ "limit": 5 }""", "$.name is missing, or not what it has to be")]
    [InlineData("rules.put", """{ "name": ["a"] }""", "$.name is missing, or not what it has to be")]
    [InlineData("rules.put", """{ "name": "" }""", "$.name is missing, or not what it has to be")]
    [InlineData("overrides.put", """{ "rule": "a" }""", "$.key is missing, or no array")]
    [InlineData("rules.delete", """{ "name": ".." }""", "'..' cannot be said in the path of a URL; go by --nats")]
    [InlineData("overrides.delete", """{ "rule": "a", "key": ["x", "."] }""", "'.' cannot be said in the path of a URL; go by --nats")]
    public void What_a_path_cannot_say_is_refused(string command, string body, string error)
    {
        AdminException e = Assert.Throws<AdminException>(() => AdminRequest.Of(command, Parse(body)));

        Assert.Equal(error, e.Message);
        Assert.Equal(1, e.ExitCode);
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
