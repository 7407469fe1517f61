using System.Text.Json;
using AiFactory.Gateway.Snapshots;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Snapshots;

public sealed class SnapshotJsonTests
{
    private static readonly string Whole = JsonSerializer.Serialize(
        Plan.Of(Plan.Deployment("demo-chat", "default", "chat", "project")).Snapshot(), JsonSerializerOptions.Web);

    [Fact]
    public void A_member_that_may_be_null_may_be_missing_and_one_from_the_future_is_ignored()
    {
        var json = Whole.Replace(",\"expiresAt\":null", "").Replace("{\"version\":1,", "{\"version\":1,\"future\":{},");

        SnapshotJson.Verify(JsonSerializer.Deserialize(json, SnapshotJson.Default.RoutingSnapshot)).Keys.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("keys")]
    [InlineData("hash")]
    [InlineData("roles")]
    [InlineData("deployments")]
    [InlineData("replicas")]
    [InlineData("task")]
    public void A_snapshot_without_what_it_needs_is_refused(string member)
    {
        var json = Whole.Replace($"\"{member}\":", "\"renamed\":");

        Should.Throw<InvalidDataException>(() => SnapshotJson.Verify(JsonSerializer.Deserialize(json, SnapshotJson.Default.RoutingSnapshot)));
    }
}
