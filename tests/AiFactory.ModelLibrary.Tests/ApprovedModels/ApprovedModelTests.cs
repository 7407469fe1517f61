using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.ApprovedModels;

namespace AiFactory.ModelLibrary.Tests.ApprovedModels;

public sealed class ApprovedModelTests
{
    [Theory]
    [InlineData(255, 255)]
    [InlineData(254, 256)]
    public void A_text_of_a_file_is_cut_between_characters_and_so_comes_back_as_it_was_sent(int before, int kept)
    {
        var license = $"{new string('a', before)}\U0001F600 and so on";
        var metadata = new ModelMetadata("gguf", "llama", "chat", null, 1, 512, 8, 1, 100, license, HasChatTemplate: true);
        var spec = ApprovedModel.From(new ApprovedModelRow
        {
            Project = "bank",
            Model = "m",
            Version = 1,
            Tag = "latest",
            State = ModelVersionStates.Approved,
            Digest = "sha256:",
            SizeBytes = 1,
            Metadata = JsonSerializer.Serialize(metadata, JsonSerializerOptions.Web),
            CreatedAt = DateTimeOffset.UnixEpoch,
        }).Spec;

        spec.License.Length.ShouldBe(kept);
        JsonSerializer.Deserialize<ApprovedModelSpec>(JsonSerializer.Serialize(spec)).ShouldBe(spec);
    }
}
