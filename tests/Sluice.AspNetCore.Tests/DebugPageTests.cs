using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Sluice.AspNetCore.Tests;

public sealed class DebugPageTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task It_is_off_unless_it_is_mapped_and_only_reads()
    {
        await using WebApplication without = await StartAsync(application => application.MapGet("/", () => "x"));
        using var client = new HttpClient();
        Assert.That((await client.GetAsync(new Uri(AddressOf(without), "/debug/sluice")).Soon()).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        await using WebApplication with = await StartAsync(application => application.MapSluiceDebug());
        using HttpResponseMessage page = await client.GetAsync(new Uri(AddressOf(with), "/debug/sluice")).Soon();
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(page.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
        Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'; connect-src 'self'; script-src 'nonce-"));
        using HttpResponseMessage post = await client.PostAsync(new Uri(AddressOf(with), "/debug/sluice/data"), null).Soon();
        Assert.That(post.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task Its_data_are_the_selectors_descriptions()
    {
        await using WebApplication application = await StartAsync(application => application.MapSluiceDebug("/inside"));
        using var client = new HttpClient();
        JsonElement selectors = await client.GetFromJsonAsync<JsonElement>(new Uri(AddressOf(application), "/inside/data")).Soon();
        JsonElement[] sockets = [.. selectors[0].GetProperty("sockets").EnumerateArray()];
        Assert.That(selectors[0].GetProperty("engine").GetString(), Is.EqualTo(Engine.ToString()));
        Assert.That(sockets.Select(socket => socket.GetProperty("kind").GetString()), Is.EquivalentTo((string[])["connection", "listener"]));
        Assert.That(sockets.Single(socket => socket.GetProperty("kind").GetString() == "connection").GetProperty("received").GetInt64(), Is.Positive);
        selectors = await client.GetFromJsonAsync<JsonElement>(new Uri(AddressOf(application), "/inside/data?max=1")).Soon();
        Assert.That(selectors[0].GetProperty("sockets").GetArrayLength(), Is.EqualTo(1));
        foreach (string wrong in (string[])["-1", "x", "10001"])
        {
            using HttpResponseMessage refused = await client.GetAsync(new Uri(AddressOf(application), $"/inside/data?max={wrong}")).Soon();
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        }
    }

    [Test]
    public async Task The_application_that_maps_it_says_which_users_may_see_it()
    {
        await using WebApplication application = await StartAsync(application => application.MapSluiceDebug().AddEndpointFilter(
            (_, _) => ValueTask.FromResult<object?>(Results.StatusCode(StatusCodes.Status403Forbidden))));
        using var client = new HttpClient();
        foreach (string path in (string[])["/debug/sluice", "/debug/sluice/data"])
        {
            using HttpResponseMessage refused = await client.GetAsync(new Uri(AddressOf(application), path)).Soon();
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        }
    }

    [Test]
    public async Task A_real_browser_shows_loops_and_connections()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        await using StreamSocket client = await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();
        await using WebApplication application = await StartAsync(application => application.MapSluiceDebug());
        string profile = Directory.CreateTempSubdirectory("sluice").FullName;
        try
        {
            string dom = await RealPeer.RunAsync(
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={profile}",
                "--virtual-time-budget=3500", "--dump-dom", new Uri(AddressOf(application), "/debug/sluice").ToString());
            Assert.That(dom, Does.Contain($"<div id=\"summary\" class=\"soft\">{Engine}: "));
            Assert.That(dom, Does.Contain($"<td>{client.LocalEndPoint}</td><td>{server.LocalEndPoint}</td>"));
            Assert.That(dom, Does.Contain("<polyline"));
            Assert.That(dom.Contains("Loop 0", StringComparison.Ordinal), Is.EqualTo(Engine == SelectorEngine.Epoll));
        }
        finally
        {
            Directory.Delete(profile, recursive: true);
        }
    }
}
