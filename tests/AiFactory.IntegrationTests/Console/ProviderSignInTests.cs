using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace AiFactory.IntegrationTests.Console;

/// <summary>FEATURES row 9: people sign in to the console at an identity provider, which the AppHost was told of, in a real browser.</summary>
[Collection(SharedFactory.Name)]
public sealed class ProviderSignInTests(FactoryFixture fixture) : ConsoleTest(fixture)
{
    [Fact]
    public async Task A_person_signs_in_at_the_identity_provider_out_of_the_console_and_out_of_both()
    {
        var page = await NewPageAsync(390, 844);
        var errors = ErrorsOf(page);

        // 1. In, with a password, and back to where the person wanted to be, with what their group may do there.
        await OpenAsync(page, "p/default/keys");
        await page.GetByTestId("signin-provider").ClickAsync();
        await LogInAsync(page, "ada");
        await page.WaitForURLAsync("**/p/default/keys");
        await Assertions.Expect(page.GetByTestId("create-key").First).ToBeVisibleAsync();

        // 2. Out of the console: the provider still knows the browser, which the page says, and lets the person in again without a password.
        await SignOutAsync(page);
        await Assertions.Expect(page.GetByTestId("signed-out")).ToContainTextAsync("Example ID still knows this browser");
        await page.GetByTestId("signin-provider").ClickAsync();
        await ConsentAsync(page);
        await Assertions.Expect(page.GetByTestId("create-key").First).ToBeVisibleAsync();

        // 3. Out of both, and back on the sign-in page: the provider asks for a password again.
        await SignOutAsync(page);
        await page.GetByTestId("signout-provider").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, sign me out" }).ClickAsync();
        await page.WaitForURLAsync("**/signin");
        await page.GetByTestId("signin-provider").ClickAsync();
        await Assertions.Expect(page.Locator("input[name=login]")).ToBeVisibleAsync();

        errors.ShouldBeEmpty("a person who signs in and out does nothing wrong");
    }

    [Fact]
    public async Task Who_is_in_no_group_that_means_anything_is_told_so()
    {
        var page = await NewPageAsync(1440, 900);
        await OpenAsync(page, "signin");
        await page.GetByTestId("signin-provider").ClickAsync();
        await LogInAsync(page, "eve");

        await Assertions.Expect(page.GetByTestId("signin-error")).ToContainTextAsync("none of your groups may do anything here");
        await OpenAsync(page, "p/default/keys");
        await Assertions.Expect(page.GetByTestId("signin-provider")).ToBeVisibleAsync();
    }

    /// <summary>Fills in the forms of oidc-provider.</summary>
    private static async Task LogInAsync(IPage page, string who)
    {
        await page.Locator("input[name=login]").FillAsync(who);
        await page.Locator("input[name=password]").FillAsync("any");
        await page.Locator("button[type=submit]").ClickAsync();
        await ConsentAsync(page);
    }

    /// <summary>This provider asks whenever there is no grant, and a sign-out has ended the one that there was.</summary>
    private static Task ConsentAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();

    private static async Task SignOutAsync(IPage page)
    {
        await page.GetByLabel("Open navigation").ClickAsync();
        await page.GetByTestId("sign-out").ClickAsync();
    }

    /// <summary>What the browser's log has of the console's own requests and programs.</summary>
    private ConcurrentQueue<string> ErrorsOf(IPage page)
    {
        var errors = new ConcurrentQueue<string>();
        page.PageError += (_, error) => errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && message.Location.StartsWith(Factory.GatewayAddress.ToString(), StringComparison.Ordinal))
            {
                errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        return errors;
    }
}
