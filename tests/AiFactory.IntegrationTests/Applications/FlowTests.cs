namespace AiFactory.IntegrationTests.Applications;

[Collection(SharedFactory.Name)]
public sealed class FlowTests(FactoryFixture fixture)
{
    [Theory]
    [InlineData("Which port does the gateway listen on?")]
    [InlineData("Where are secrets kept?")]
    [InlineData("What does a run of a flow leave behind?")]
    public async Task Chat_over_documents_answers_from_the_factorys_own_with_its_sources(string question)
    {
        using var client = fixture.Factory.CreateClient();

        await DocumentFlow.AssertCitesAsync(client, question);
    }
}
