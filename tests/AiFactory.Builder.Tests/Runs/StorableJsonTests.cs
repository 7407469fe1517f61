using System.Text.Json;
using AiFactory.Builder.Runs;

namespace AiFactory.Builder.Tests.Runs;

public sealed class StorableJsonTests
{
    [Theory]
    [InlineData("""{"n":[1e131071]}""", "double")]
    [InlineData("""{"n":-1e309}""", "double")]
    [InlineData("""{"n":1e-16383}""", "double")]
    [InlineData("""["\ud83d"]""", "half")]
    [InlineData("""{"\udca1":1}""", "half")]
    public void What_postgres_cannot_keep_or_would_print_in_full_is_refused(string json, string why) =>
        StorableJson.Complaint(Json(json)).ShouldNotBeNull().ShouldContain(why);

    [Theory]
    [InlineData("""{"n":[0,-0.0,0e9,1e308,12345678901234567890,0.1,2.5e-300],"t":"a\ud83d\udca1\u0000b","e":{},"x":null}""")]
    [InlineData("7")]
    public void Anything_else_is_kept(string json) => StorableJson.Complaint(Json(json)).ShouldBeNull();

    [Theory]
    [InlineData(48, true)]
    [InlineData(49, false)]
    public void Nesting_leaves_room_for_the_answers_around_it(int depth, bool isKept) =>
        (StorableJson.Complaint(Json(new string('[', depth) + new string(']', depth))) is null).ShouldBe(isKept);

    [Fact]
    public void A_text_is_whole_when_it_is_kept() =>
        new[] { "a\0b", "\uD83D", "a💡b", "\uDCA1💡" }.Select(StorableText.Clean).ShouldBe(["a\uFFFDb", "\uFFFD", "a💡b", "\uFFFD💡"]);

    [Fact]
    public void A_cut_text_ends_with_a_whole_character() => (StorableText.Start("ab💡", 3), StorableText.Start("ab💡", 4)).ShouldBe(("ab", "ab💡"));

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
