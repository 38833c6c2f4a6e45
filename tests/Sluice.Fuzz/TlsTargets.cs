using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using Sluice.Tls;
using static Sluice.Fuzz.Decoding;

namespace Sluice.Fuzz;

/// <summary>The boundary between text and TLS, and between the records of TLS.</summary>
internal static class TlsTargets
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<SslServerAuthenticationOptions> s_serving =
        new(() => new SslServerAuthenticationOptions { ServerCertificate = DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority()) });

    /// <summary>Finds the records in bytes that arrive in pieces.</summary>
    public static void Records(byte[] data)
    {
        if (data.Length < 1)
        {
            return;
        }

        byte[] bytes = data[1..];
        string plain = PlainRecords(bytes);
        Same(plain, TrackedRecords(bytes, int.MaxValue));
        Same(plain, TrackedRecords(bytes, 1));
        Same(plain, TrackedRecords(bytes, data[0] + 1));
    }

    /// <summary>
    /// Upgrades after a line of text. All of the line is text, nothing behind it is, and whatever is behind it ends the handshake with an error.
    /// </summary>
    public static void StartTls(byte[] data)
    {
        if (data.Length < 2)
        {
            return;
        }

        byte[] bytes = data[1..];
        int end = Array.IndexOf(bytes, (byte)'\n');
        string plain = end < 0 ? "none" : Convert.ToHexString(bytes.AsSpan(0, end + 1));
        Same(plain, Upgrade(bytes, int.MaxValue));
        Same(plain, Upgrade(bytes, data[0] + 1));
    }

    private static string PlainRecords(ReadOnlySpan<byte> bytes)
    {
        string all = string.Empty;
        int at = 0;
        while (bytes.Length - at >= RecordBounds.HeaderLength)
        {
            int body = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 3)..]);
            if (bytes[at] is < 20 or > 24 || bytes[at + 1] != 3 || body > 18 * 1024)
            {
                return $"{all}lost";
            }

            if (bytes.Length - at - RecordBounds.HeaderLength < body)
            {
                break;
            }

            at += RecordBounds.HeaderLength + body;
            all += $"{at} ";
        }

        return all;
    }

    // Reads as RecordStream does: no bytes of two records at once.
    private static string TrackedRecords(byte[] bytes, int fragment)
    {
        var bounds = new RecordBounds();
        string all = string.Empty;
        for (int at = 0; at < bytes.Length;)
        {
            int left = !bounds.IsBetween ? bounds.Left
                : bytes.Length - at < RecordBounds.HeaderLength ? RecordBounds.HeaderLength
                : Math.Max(RecordBounds.Measure(bytes.AsSpan(at)), RecordBounds.HeaderLength);
            int count = Math.Min(Math.Min(left, fragment), bytes.Length - at);
            bounds.Advance(bytes.AsSpan(at, count));
            at += count;
            if (bounds.IsLost)
            {
                return $"{all}lost";
            }

            all += bounds.IsBetween ? $"{at} " : string.Empty;
        }

        return all;
    }

    private static string Upgrade(byte[] bytes, int fragment)
    {
        (Connection client, Connection server) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { Capacity = 1 << 16, MaxFragment = fragment });
        return UpgradeAsync(bytes, client, server).WaitAsync(s_patience).GetAwaiter().GetResult();
    }

    private static async Task<string> UpgradeAsync(byte[] bytes, Connection client, Connection server)
    {
        await using (client)
        await using (server)
        {
            await client.Output.WriteAsync(bytes);
            await client.Output.CompleteAsync();
            var line = new ArrayBufferWriter<byte>();
            try
            {
                if (!await server.Input.ReadUntilAsync((byte)'\n', line, bytes.Length))
                {
                    return "none";
                }
            }
            catch (EndOfStreamException)
            {
                return "none";
            }

            try
            {
                Connection upgraded = await server.UpgradeToTlsServerAsync(s_serving.Value);
                await upgraded.DisposeAsync();
                throw new InvalidOperationException("A handshake without an answer has succeeded.");
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException)
            {
                return $"{Convert.ToHexString(line.WrittenSpan)}0A";
            }
        }
    }
}
