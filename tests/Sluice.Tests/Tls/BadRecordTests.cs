using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Sluice.Tests.Tls;

/// <summary>A peer that has agreed on keys and then sends what they do not fit.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class BadRecordTests(SelectorEngine engine) : TlsFixture(engine)
{
    private static readonly byte[] s_record = [23, 3, 3, 0, 40, .. new byte[40]];
    private static readonly byte[] s_text = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n");

    [Test]
    public async Task Each_read_fails_and_the_peer_is_at_fault(
        [Values(SslProtocols.Tls12, SslProtocols.Tls13)] SslProtocols protocol, [Values] bool isRecord)
    {
        (StreamSocket socket, Socket peer) = await ConnectToPlainPeerAsync();
        using (peer)
        await using (socket)
        {
            using var ssl = new SslStream(new NetworkStream(peer));
            Task authenticating = ssl.AuthenticateAsClientAsync(Trusting(protocol: protocol));
            Connection connection = await socket.OpenConnection().UpgradeToTlsServerAsync(Serving()).Soon();
            await authenticating.Soon();
            await peer.SendAsync(isRecord ? s_record : s_text).Soon();

            for (int i = 0; i < 3; i++)
            {
                Exception? failure = await connection.Input.ReadLineAsync().OutcomeAsync();
                Assert.That(failure, Is.InstanceOf<IOException>());
                Assert.That(failure!.Message, Does.StartWith("Reading from "));
                Assert.That(connection.IsPeerFault(failure), $"{failure}");
            }

            Assert.That(connection.Input.IsClosedForRead);
        }
    }
}
