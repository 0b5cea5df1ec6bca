using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Rules;

public class JsonMembersTests
{
    private readonly List<RuleError> _errors = [];

    [Fact]
    public void Members_of_the_right_type_are_taken()
    {
        JsonMembers members = Members("""{"s":"x","b":true,"i":-5,"d":"2m","l":["a","b"],"m":{"k":"v"},"o":{"x":1},"e":[1]}""");
        Assert.True(members.IsObject);
        Assert.Equal("x", members.ReadString("s"));
        Assert.True(members.ReadBoolean("b"));
        Assert.Equal(-5, members.ReadInteger("i"));
        Assert.Equal(TimeSpan.FromMinutes(2), members.ReadDuration("d"));
        Assert.Equal(["a", "b"], members.ReadStrings("l"));
        Assert.Equal("v", members.ReadStringMap("m")["K"]);
        Assert.Equal(JsonValueKind.Object, members.ReadObject("o")!.Value.ValueKind);
        Assert.Equal(JsonValueKind.Array, members.ReadElement("e")!.Value.ValueKind);
        members.RejectUnknown();
        Assert.Empty(_errors);
    }

    [Fact]
    public void Absent_members_and_nulls_are_nothing_unless_required()
    {
        JsonMembers members = Members("""{"n":null}""");
        Assert.Null(members.ReadString("s"));
        Assert.Null(members.ReadBoolean("n"));
        Assert.Null(members.ReadInteger("i"));
        Assert.Null(members.ReadDuration("d"));
        Assert.Empty(members.ReadStrings("l"));
        Assert.Empty(members.ReadStringMap("m"));
        Assert.Equal(7, members.ReadChoice("c", [("seven", 8)], absent: 7));
        Assert.Empty(_errors);
        members.ReadBoolean("n2", required: true);
        members.RejectUnknown();
        Assert.Equal([new RuleError("$.x", "'n2' is missing")], _errors);
    }

    [Fact]
    public void Members_of_a_wrong_type_are_errors()
    {
        JsonMembers members = Members("""{"s":1,"b":"true","i":"1","d":5,"l":{},"m":[],"o":1,"c":2}""");
        Assert.Null(members.ReadString("s", required: true));
        Assert.Null(members.ReadBoolean("b"));
        Assert.Null(members.ReadInteger("i"));
        Assert.Null(members.ReadDuration("d"));
        Assert.Empty(members.ReadStrings("l"));
        Assert.Empty(members.ReadStringMap("m"));
        Assert.Null(members.ReadObject("o"));
        Assert.Equal(0, members.ReadChoice("c", [("one", 1)], 0));
        Assert.Equal(7, members.ReadChoice("absent", [("one", 1)], absent: 7, wrong: 8));
        Assert.Equal(8, Members("""{"c":"two"}""").ReadChoice("c", [("one", 1)], absent: 7, wrong: 8));
        _errors.RemoveAt(_errors.Count - 1);
        members.RejectUnknown();
        Assert.Equal(["$.x.s", "$.x.b", "$.x.i", "$.x.d", "$.x.l", "$.x.m", "$.x.o", "$.x.c"], _errors.Select(e => e.Path));
    }

    [Fact]
    public void What_is_no_object_is_one_error_and_has_no_members()
    {
        JsonMembers members = Members("[1]");
        Assert.False(members.IsObject);
        Assert.Null(members.ReadString("s", required: true));
        members.RejectUnknown();
        Assert.Equal([new RuleError("$.x", "must be an object")], _errors);
    }

    [Fact]
    public void Of_a_member_given_twice_the_first_counts()
    {
        JsonMembers members = Members("""{"a":"1","a":"2"}""");
        Assert.Equal("1", members.ReadString("a"));
        members.RejectUnknown();
        Assert.Equal([new RuleError("$.x.a", "is given twice")], _errors);
    }

    [Fact]
    public void Half_surrogate_pairs_are_errors_wherever_text_is_read()
    {
        JsonMembers members = Members("""{"s":"\ud800","d":"\udc00","l":["ok","\ud800x"],"m":{"k":"\ud800"}}""");
        Assert.Null(members.ReadString("s"));
        Assert.Null(members.ReadDuration("d"));
        Assert.Equal(["ok", ""], members.ReadStrings("l"));
        Assert.Empty(members.ReadStringMap("m"));
        Assert.Equal(["$.x.s", "$.x.d", "$.x.l[1]", "$.x.m.k"], _errors.Select(e => e.Path));
    }

    private JsonMembers Members(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return new JsonMembers(document.RootElement.Clone(), "$.x", _errors);
    }
}
