using System.Text.Json;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;
using AiFactory.ModelLibrary.ApprovedModels;
using AiFactory.ModelLibrary.Models;

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
        var spec = ApprovedModel.From(Row() with { Metadata = JsonSerializer.Serialize(metadata, JsonSerializerOptions.Web) }).Spec;

        spec.License.Length.ShouldBe(kept);
        JsonSerializer.Deserialize<ApprovedModelSpec>(JsonSerializer.Serialize(spec)).ShouldBe(spec);
    }

    [Fact]
    public void A_model_in_several_files_names_each_by_its_bytes()
    {
        ModelPart[] files = [new("models/sha256/a", "sha256:a", 3), new("models/sha256/b", "sha256:b", 4)];
        var spec = ApprovedModel.From(Row() with { Parts = ModelParts.ToJson(files) }).Spec;
        spec.Parts.ShouldNotBeNull().ShouldBe([new ApprovedModelPart("sha256:a", 3), new ApprovedModelPart("sha256:b", 4)]);

        // Read back it is the same and is not written again; with other parts, or in another order, it is repaired.
        var read = JsonSerializer.Deserialize<ApprovedModelSpec>(JsonSerializer.Serialize(spec)).ShouldNotBeNull();
        read.ShouldBe(spec);
        read.GetHashCode().ShouldBe(spec.GetHashCode());
        (read with { Parts = [.. spec.Parts.Reverse()] }).ShouldNotBe(spec);
        (read with { Parts = [] }).ShouldNotBe(spec);
        (read with { SizeBytes = 8 }).ShouldNotBe(spec);
        ApprovedModel.From(Row()).Spec.ShouldBe(ApprovedModel.From(Row()).Spec with { Parts = null }, "a server whose kind is older leaves the field out");
    }

    private static ApprovedModelRow Row() => new()
    {
        Project = "bank",
        Model = "m",
        Version = 1,
        Tag = "latest",
        State = ModelVersionStates.Approved,
        Digest = "sha256:",
        SizeBytes = 1,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
