using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.ApprovedModels;
using AiFactory.ModelLibrary.Tests.Approvals;
using AiFactory.ModelLibrary.Tests.Deployments;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ModelLibrary.Tests.Edges.Kubernetes;
using AiFactory.Testing.Kubernetes;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests.ApprovedModels;

/// <summary>An API server that is away, slow, full or of another mind, and more than one library.</summary>
public sealed class ClusterFaultTests(PostgresFixture postgres)
{
    private const string Revocation = "it leaks";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task A_server_that_is_full_or_hangs_is_left_alone_and_then_told(int code)
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, new(cluster.Settings) { ["Kubernetes:Timeout"] = "00:00:01" });
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        cluster.Fault = async context =>
        {
            if (code == 0)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            context.Response.StatusCode = code == 0 ? 500 : code;
            context.Response.Headers.RetryAfter = "2";
            return true;
        };
        cluster.Calls.Clear();
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await library.ReadinessAsync("degraded", code == 0 ? "does not answer" : $"refuses ({code})");
        cluster.Calls.Count.ShouldBeLessThan(6, "it is asked less and less often");

        cluster.Fault = null;

        await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved");
        await library.ReadinessAsync("healthy", "");
    }

    [Fact]
    public async Task A_token_that_is_renewed_in_its_file_is_used_from_then_on()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await cluster.UntilAsync(_ => cluster.Reads > 0);

        cluster.GiveToken("second-token");
        await DeploymentTests.ApproveAsync(ada, version.Id);

        await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved");
    }

    [Fact]
    public async Task A_token_that_the_server_does_not_know_is_said_and_never_shown()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        await File.WriteAllTextAsync(Path.Combine(cluster.Settings["Kubernetes:ServiceAccount"] ?? "", "token"), "an-expired-token", Token);
        var ready = await library.ReadinessAsync("degraded", "does not know the service account's token (401)");
        var failure = Failure(library);
        failure.ShouldContain("401 Unauthorized");
        (ready + failure).ShouldNotContain("an-expired-token");
    }

    [Theory]
    [InlineData("list approvedmodels")]
    [InlineData("create approvedmodels")]
    [InlineData("patch approvedmodels/status")]
    public async Task A_right_that_is_missing_is_named(string right)
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        cluster.Rights.Remove(right);
        await DeploymentTests.ApproveAsync(ada, version.Id);

        var ready = await library.ReadinessAsync("degraded", "the service account has not the rights (403)");
        Failure(library).ShouldContain($"cannot {right.Split(' ')[0]} resource \"{right.Split(' ')[1]}\"");
        ready.ShouldNotContain("bank", customMessage: "the route is open to all");
        await cluster.UntilAsync(_ => cluster.Calls.Count(call => call.Status == 403) > 1);
        using var anyone = library.Anonymous();
        (await anyone.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token)).ShouldMatch("(?m)^aifactory_library_namespaces_behind.* 1$");

        cluster.Rights.Add(right);
        await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved");
    }

    [Fact]
    public async Task A_kind_that_the_cluster_has_not_is_named_and_used_once_it_is_there()
    {
        await using var cluster = await ClusterAsync();
        cluster.Fault = context =>
        {
            context.Response.StatusCode = 404;
            return Task.FromResult(true);
        };
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await library.ReadinessAsync("degraded", "the cluster has not the kind, which is in the chart's crds/");

        cluster.Fault = null;

        await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved");
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_given_the_token()
    {
        await using var cluster = await ClusterAsync();
        using var other = new Authority();
        cluster.WriteAuthority(other.Pem);
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        await library.ReadinessAsync("degraded", "the API server does not answer");
        Failure(library).ShouldContain("its certificate is not one of");
        cluster.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_object_that_is_refused_does_not_hold_up_the_others()
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var refused = ApprovedModelName.Of("a", "latest", 1);
        cluster.Fault = context =>
        {
            var refuses = context.Request.Method == "PATCH" && context.Request.Path.Value?.Contains(refused, StringComparison.Ordinal) == true;
            context.Response.StatusCode = refuses ? 422 : 200;
            return Task.FromResult(refuses);
        };
        var three = ApprovedModelsTests.ThreeAsync(library, ada, cluster);

        await cluster.UntilAsync(objects => objects.Count == 2 && objects.All(each => each.Text("status.state") == "Approved"));
        await library.ReadinessAsync("degraded", "refuses (422)");
        cluster.Fault = null;
        await three;
    }

    /// <summary>What is deleted came first, and a right that was missing for it ended the pass: the revocation was never said.</summary>
    [Theory]
    [InlineData(403)]
    [InlineData(503)]
    public async Task A_revocation_is_said_when_an_object_that_nothing_stands_behind_cannot_be_deleted(int code)
    {
        await using var cluster = await ClusterAsync();
        await using var library = await LibraryUnderTest.StartAsync(postgres, cluster.Settings);
        using var ada = library.Admin();
        var version = await ApprovalTests.PendingAsync(library, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        var approved = await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved");
        cluster.Fault = context =>
        {
            context.Response.StatusCode = code;
            return Task.FromResult(context.Request.Method == "DELETE");
        };
        cluster.Edit("forged", each => each["spec"] = approved[0]["spec"]!.DeepClone()); // it has one

        await ada.PostAsync<RevocationRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{version.Id}/revocation", new RevocationRequest(Revocation));

        await cluster.UntilAsync(objects => objects.Any(each => each.Text("status.state") == "Revoked"));
        cluster.Fault = null;
        await cluster.UntilAsync(objects => objects.Count == 1);
    }

    [Fact]
    public async Task Of_two_libraries_one_writes_and_the_other_goes_on_when_it_ends()
    {
        await using var cluster = await ClusterAsync();
        using var folder = new ServiceAccountFolder(cluster, "token-of-the-second");
        var database = await postgres.CreateDatabaseAsync(Token);
        await using var first = await LibraryUnderTest.StartAsync(postgres, new(cluster.Settings) { ["ConnectionStrings:librarydb"] = database });
        using var ada = first.Admin();
        var version = await ApprovalTests.PendingAsync(first, ada, "single");
        await DeploymentTests.ApproveAsync(ada, version.Id);
        await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Approved");

        // By its token, which the server does not know, the second one's every call is seen.
        await using var second = await LibraryUnderTest.StartAsync(postgres, new(cluster.Settings) { ["ConnectionStrings:librarydb"] = database, ["Kubernetes:ServiceAccount"] = folder.Path });
        using var eve = second.Admin();
        await eve.PostAsync<RevocationRequest, ModelVersionResponse>($"/api/library/projects/bank/versions/{version.Id}/revocation", new RevocationRequest(Revocation));
        await cluster.UntilAsync(objects => objects is [var one] && one.Text("status.state") == "Revoked");
        var reads = cluster.Reads;
        await cluster.UntilAsync(_ => cluster.Reads > reads + 4);
        cluster.Calls.ShouldAllBe(call => call.Status < 400);
        cluster.Writes.ShouldBe(3, "the spec, the status, and the status again");

        await first.DisposeAsync();
        await second.ReadinessAsync("degraded", "(401)");
    }

    private static string Failure(LibraryUnderTest library) =>
        library.Services.GetRequiredService<ApprovedModelWriter>().Namespaces[0].Failure?.Message ?? "";

    private static async Task<ClusterEdge> ClusterAsync()
    {
        var cluster = new ClusterEdge();
        await cluster.StartAsync();
        return cluster;
    }

    /// <summary>Another pod's token of the same cluster.</summary>
    private sealed class ServiceAccountFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-account-");

        public ServiceAccountFolder(ClusterEdge cluster, string token)
        {
            File.WriteAllText(System.IO.Path.Combine(Path, "token"), token);
            File.Copy(System.IO.Path.Combine(cluster.Settings["Kubernetes:ServiceAccount"] ?? "", "ca.crt"), System.IO.Path.Combine(Path, "ca.crt"));
        }

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
