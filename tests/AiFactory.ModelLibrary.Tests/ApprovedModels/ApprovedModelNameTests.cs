using System.Text.RegularExpressions;
using AiFactory.ModelLibrary.ApprovedModels;

namespace AiFactory.ModelLibrary.Tests.ApprovedModels;

public sealed partial class ApprovedModelNameTests
{
    [Theory]
    [InlineData("demo-chat", "latest", 1, "demo-chat-latest-v1-")]
    [InlineData("acme/Chat_7B", "2.0", 12, "acme-chat-7b-2-0-v12-")]
    [InlineData("a.", "_", 3, "a-v3-")]
    public void A_name_says_what_it_is_of(string model, string tag, int version, string begin)
    {
        var name = ApprovedModelName.Of(model, tag, version);
        name.ShouldStartWith(begin);
        name.Length.ShouldBe(begin.Length + 20);
        name.ShouldBe(ApprovedModelName.Of(model, tag, version));
    }

    /// <summary>Written down, for objects of an earlier library must be found again under their names.</summary>
    [Fact]
    public void It_is_the_same_in_every_release() => ApprovedModelName.Of("demo-chat", "latest", 1).ShouldBe("demo-chat-latest-v1-2008b84963a3b8e0edbc");

    [Fact]
    public void Names_that_read_alike_stay_apart_and_all_are_labels()
    {
        List<(string Model, string Tag, int Version)> versions =
        [
            ("a/b", "c", 1), ("a-b", "c", 1), ("a", "b-c", 1), ("A/B", "c", 1), ("a.b", "c", 1), ("a/b", "c", 2), ("a/b", "c-v1", 1), ("a/b-c", "v1", 1),
            (new string('x', 200), new string('y', 128), int.MaxValue), (new string('x', 199) + "z", new string('y', 128), int.MaxValue), ("m-", "-", 1), (new string('x', 41) + "-----", "t", 1),
        ];
        var names = versions.Select(version => ApprovedModelName.Of(version.Model, version.Tag, version.Version)).ToList();
        names.Distinct().Count().ShouldBe(versions.Count);
        names.ShouldAllBe(name => Label().IsMatch(name));
        names.ShouldAllBe(name => !name.Contains("--", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
