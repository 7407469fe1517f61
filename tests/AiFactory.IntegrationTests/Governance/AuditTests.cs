using AiFactory.Contracts.Library;

namespace AiFactory.IntegrationTests.Governance;

[Collection(SharedFactory.Name)]
public sealed class AuditTests(FactoryFixture fixture)
{
    [Fact]
    public async Task The_way_of_a_seeded_model_is_in_the_audit_step_by_step()
    {
        using var library = new LibraryClient(fixture.Factory);

        var audit = await library.GetAsync<Page<AuditEntryResponse>>(LibraryClient.Project("/audit?limit=200"));
        var models = await library.GetAsync<Page<ModelResponse>>(LibraryClient.Project("/models"));
        var stages = models.Items.Single(model => model.Name == "demo-chat").Versions[0].Evidence.OrderBy(evidence => evidence.Sequence).Select(evidence => evidence.Stage);

        audit.Items.Count.ShouldBeGreaterThan(6);
        audit.Items.ShouldContain(entry => entry.Actor == "policy:seed");
        // Other tests of this factory may have deployed it too.
        stages.Distinct().ShouldBe(["discovered", "copied", "scanned", "policy", "approval", "deployed"], ignoreOrder: false);
    }

    [Fact]
    public async Task A_key_is_shown_once_works_and_is_refused_after_its_revocation()
    {
        using var admin = new LibraryClient(fixture.Factory);

        var created = await admin.PostAsync<ApiKeyCreated>(LibraryClient.Project("/keys"), new ApiKeyRequest("integration", ["developer"], FactoryWide: false, ExpiresAt: null));
        using var developer = new LibraryClient(fixture.Factory, created.Secret);
        var accepted = await UntilAsync(developer, System.Net.HttpStatusCode.OK);
        using var forbidden = await developer.Http.DeleteAsync(LibraryClient.Project("/deployments/demo-chat"), TestContext.Current.CancellationToken);
        using var revoked = await admin.Http.DeleteAsync(LibraryClient.Project($"/keys/{created.Key.Id}"), TestContext.Current.CancellationToken);
        var refused = await UntilAsync(developer, System.Net.HttpStatusCode.Unauthorized);

        created.Secret.ShouldStartWith("aif_");
        accepted.ShouldBe(System.Net.HttpStatusCode.OK);
        forbidden.StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        revoked.IsSuccessStatusCode.ShouldBeTrue();
        refused.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        var listed = await admin.Http.GetStringAsync(LibraryClient.Project("/keys"), TestContext.Current.CancellationToken);
        listed.ShouldNotContain(created.Secret);
    }

    /// <summary>A key's birth and end reach the gateway with the next snapshot.</summary>
    private static async Task<System.Net.HttpStatusCode> UntilAsync(LibraryClient client, System.Net.HttpStatusCode wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await client.Http.GetAsync("v1/models", TestContext.Current.CancellationToken);
            if (response.StatusCode == wanted || TimeProvider.System.GetElapsedTime(began) > LibraryClient.Patience)
            {
                return response.StatusCode;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
