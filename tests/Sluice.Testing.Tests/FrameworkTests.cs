using System.IO.Pipelines;
using System.Net.Security;
using System.Text;

namespace Sluice.Testing.Tests;

/// <summary>Code of .NET over simulated sockets stays in the simulation.</summary>
public sealed class FrameworkTests
{
    // Keys and nonces are random, and so are the bytes and some lengths.
    private static readonly SimulationOptions s_random = new() { ChecksDeterminism = false };

    [Test]
    public Task A_tls_listener_and_a_tls_client() => Simulation.RunAsync(
        20,
        async network =>
        {
            network.AddHost("server").Run(async selector =>
            {
                await using ServerSocket server = (await selector.Tcp().BindAsync("::", Programs.Port)).UseTls(TestCertificates.Server);
                await server.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, token).AsTask());
            });
            await network.AddHost("client").RunAsync(async selector =>
            {
                await using StreamSocket socket = await selector.Tcp().ConnectTlsAsync("server", Programs.Port, Client);
                Connection connection = socket.OpenConnection();
                for (int i = 0; i < 10; i++)
                {
                    await connection.Output.WriteLineAsync($"line {i}");
                    Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo($"line {i}"));
                }
            });
        },
        s_random);

    [Test]
    public Task An_SslStream_over_the_streams_of_two_connections() => Simulation.RunAsync(
        20,
        async network =>
        {
            network.AddHost("server").Run(selector => Programs.ServeAsync(selector, async connection =>
            {
                await using var tls = new SslStream(connection.AsStream());
                await tls.AuthenticateAsServerAsync(TestCertificates.Server);
                await tls.CopyToAsync(tls);
            }));
            await network.AddHost("client").RunAsync(async selector =>
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
                await using var tls = new SslStream(socket.OpenConnection().AsStream());
                await tls.AuthenticateAsClientAsync(Client);
                byte[] sent = new byte[50_000];
                network.Random.NextBytes(sent);
                Task writing = tls.WriteAsync(sent).AsTask();
                byte[] received = new byte[sent.Length];
                await tls.ReadExactlyAsync(received);
                await writing;
                Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
            });
        },
        s_random);

    [Test]
    public Task Pipes_over_a_connection() => Simulation.RunAsync(200, async network =>
    {
        network.AddHost("server").Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            PipeReader input = connection.Input.AsPipeReader();
            PipeWriter output = connection.Output.AsPipeWriter();
            await input.CopyToAsync(output);
            await output.CompleteAsync();
        }));
        await network.AddHost("client").RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteAsync(Encoding.UTF8.GetBytes("hello"));
            await connection.Output.CompleteAsync();
            ReadResult result = await connection.Input.AsPipeReader().ReadAtLeastAsync(5);
            Assert.That(Encoding.UTF8.GetString(result.Buffer), Is.EqualTo("hello"));
        });
    });

    private static SslClientAuthenticationOptions Client
    {
        get
        {
            System.Security.Cryptography.X509Certificates.X509ChainPolicy policy = TestCertificates.Trusting(TestCertificates.Authority);
            policy.VerificationTimeIgnored = true;
            return new() { TargetHost = "localhost", CertificateChainPolicy = policy };
        }
    }
}
