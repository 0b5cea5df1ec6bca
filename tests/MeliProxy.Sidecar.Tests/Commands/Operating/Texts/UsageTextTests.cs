using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Tests.Commands.Operating.Texts;

public sealed class UsageTextTests
{
    [Fact]
    public void Usage_is_a_row_for_each_rule() => Assert.Equal(
        """
        2 sidecars, since 2026-01-31T12:00:00Z

        RULE    MODE     ALLOWED  LIMITED  SHADOW LIMITED  DELAYED  FAILED  NO ROOM
        per-ip  enforce       10        2               0        0       0        1
        day     shadow   1234567        0              77        3       -        0

        """,
        Text(UsageText.Of, """
            {"nodes":2,"since":"2026-01-31T12:00:00Z","rules":[
              {"rule":"per-ip","mode":"enforce","allowed":10,"limited":2,"shadowLimited":0,"delayed":0,"failed":0,"noRoom":1},
              {"rule":"day","mode":"shadow","allowed":1234567,"limited":0,"shadowLimited":77,"delayed":3,"failed":"many","noRoom":0}]}
            """));

    [Fact]
    public void The_audit_is_an_entry_after_the_other() => Assert.Equal(
        """
        8  2026-01-31T12:00:00Z  ana@pc  nats  overrides.put
           per-ip 203.0.113.7  added: blocked until 2026-02-01T00:00:00Z
           note: by night
        7  2026-01-31T11:00:00Z  bob�  rest  rules.put
           per-ip  limit 100 -> 50
           per-ip  window 1s -> 1m

        There is more: --before 7

        """,
        Text(AuditText.Of, """
            {"revision":8,"next":7,"entries":[
              {"revision":8,"at":"2026-01-31T12:00:00Z","by":"ana@pc","via":"nats","command":"overrides.put","note":"by night",
               "changes":[{"kind":"override","name":"per-ip","key":["203.0.113.7"],"before":null,"after":{"limit":0,"expiresAt":"2026-02-01T00:00:00Z"}}]},
              {"revision":7,"at":"2026-01-31T11:00:00Z","by":"bob\u001b","via":"rest","command":"rules.put",
               "changes":[{"kind":"rule","name":"per-ip","before":{"limit":100,"window":"1s"},"after":{"limit":50,"window":"1m"}}]}]}
            """));

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"nodes":{},"rules":[5,null,{"rule":{}}],"keys":[5,null],"entries":5,"overrides":{}}""")]
    public void Any_other_json_is_text_too(string answer)
    {
        foreach (Func<JsonElement, string> text in new Func<JsonElement, string>[]
        {
            UsageText.Of, AuditText.Of, RulesText.Of, RulesText.OfOne, RulesText.Export, OverridesText.Of, one => TopText.Of(one, null),
        })
        {
            Assert.EndsWith("\n", Text(text, answer), StringComparison.Ordinal);
        }
    }

    private static string Text(Func<JsonElement, string> text, string answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        return text(document.RootElement);
    }
}
