using System.Buffers.Binary;
using System.Text;

namespace Sluice.Cli.Tls;

/// <summary>Negotiates TLS in binary protocols.</summary>
internal static class BinaryStartTls
{
    private const int MaxPacket = 64 * 1024;
    private const int LongLength = 0x80;
    private const uint MySqlTls = 0x800;

    // CLIENT_PROTOCOL_41, CLIENT_SSL and CLIENT_SECURE_CONNECTION.
    private const uint MySqlCapabilities = 0x200 | MySqlTls | 0x8000;
    private const byte MySqlUtf8 = 45;
    private const int MySqlRequestLength = 32;
    private const byte MySqlError = 0xFF;

    // An LDAPMessage with the id 1 and an extended request of the name 1.3.6.1.4.1.1466.20037 (RFC 4511, 4.12 and 4.14.1).
    private static readonly byte[] s_ldapRequest = [0x30, 0x1D, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16, .. "1.3.6.1.4.1.1466.20037"u8];

    // The length and the code 80877103 (PostgreSQL documentation, Message Formats).
    private static readonly byte[] s_postgresRequest = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

    public static async Task RunPostgresAsync(Connection connection, CancellationToken cancellationToken)
    {
        await SendAsync(connection, s_postgresRequest, cancellationToken);
        byte[] answer = await ReadAsync(connection, 1, cancellationToken);
        if (answer[0] != (byte)'S')
        {
            throw answer[0] == (byte)'N' ? StartTlsDialogue.NotOffered() : StartTlsDialogue.Refused($"0x{answer[0]:x2}");
        }
    }

    public static async Task RunMySqlAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte[] header = await ReadAsync(connection, 4, cancellationToken);
        int length = header[0] | (header[1] << 8) | (header[2] << 16);
        byte[] greeting = await ReadAsync(connection, Math.Min(length, MaxPacket), cancellationToken);
        if (greeting is [MySqlError, _, _, ..])
        {
            throw StartTlsDialogue.Refused(Encoding.UTF8.GetString(greeting.AsSpan(3)));
        }

        // The protocol's version, the server's version with a zero, the thread, eight bytes of salt, a filler, the lower half of the capabilities.
        int version = greeting.AsSpan().IndexOf((byte)0);
        int at = version + 1 + 4 + 8 + 1;
        if (version < 0 || at + 2 > greeting.Length || (BinaryPrimitives.ReadUInt16LittleEndian(greeting.AsSpan(at)) & MySqlTls) == 0)
        {
            throw StartTlsDialogue.NotOffered();
        }

        byte[] request = new byte[4 + MySqlRequestLength];
        request[0] = MySqlRequestLength;
        request[3] = (byte)(header[3] + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), MySqlCapabilities);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(8), 1 << 24);
        request[12] = MySqlUtf8;
        await SendAsync(connection, request, cancellationToken);
    }

    public static async Task RunLdapAsync(Connection connection, CancellationToken cancellationToken)
    {
        await SendAsync(connection, s_ldapRequest, cancellationToken);
        byte[] header = await ReadAsync(connection, 2, cancellationToken);
        long length = header[1];
        if (length >= LongLength)
        {
            // The length of the length (X.690, 8.1.3.5), of which some servers, such as Active Directory, always use four bytes.
            int count = (int)length - LongLength;
            byte[] more = await ReadAsync(connection, count <= sizeof(int) ? count : throw NoLdap(), cancellationToken);
            length = more.Aggregate(0L, (sum, one) => (sum << 8) | one);
        }

        byte[] answer = await ReadAsync(connection, (int)Math.Min(length, MaxPacket), cancellationToken);

        // The id, the tag and length of the extended response, and the result code, an ENUMERATED of one byte.
        int code = answer.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x0A, 0x01]);
        if (header[0] != 0x30 || code < 0 || code + 2 >= answer.Length)
        {
            throw NoLdap();
        }

        if (answer[code + 2] != 0)
        {
            throw StartTlsDialogue.Refused($"LDAP result {answer[code + 2]}");
        }
    }

    private static IOException NoLdap() => new("The server does not speak LDAP.");

    private static async Task SendAsync(Connection connection, byte[] bytes, CancellationToken cancellationToken)
    {
        await connection.Output.WriteAsync(bytes, cancellationToken);
        await connection.Output.FlushAsync(cancellationToken);
    }

    private static async Task<byte[]> ReadAsync(Connection connection, int count, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Input.ReadExactlyAsync(count, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw StartTlsDialogue.Closed();
        }
    }
}
