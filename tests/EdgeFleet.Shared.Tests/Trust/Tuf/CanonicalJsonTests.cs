using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b" : [1, -2, true, false, null], "a" : "x" }""", """{"a":"x","b":[1,-2,true,false,null]}""")]
    [InlineData("""{"é":1,"z":2,"\ud83d\ude00":3,"\uffee":4}""", "{\"z\":2,\"é\":1,\"\uffee\":4,\"\ud83d\ude00\":3}")]
    [InlineData("""["a\"b\\c\n\u0001/"]""", "[\"a\\\"b\\\\c\n\u0001/\"]")]
    public void One_form_for_each_value(string json, string canonical) => Assert.Equal(canonical, Encoding.UTF8.GetString(Encode(json)));

    [Theory, InlineData("[1.5]"), InlineData("[1e3]"), InlineData("[-0]"), InlineData("""["\ud800"]"""), InlineData("""{"\ud800":1}""")]
    public void Fractions_and_what_is_not_Unicode_have_none(string json) => Assert.Throws<FormatException>(() => Encode(json));

    private static byte[] Encode(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Encode(document.RootElement);
    }
}
