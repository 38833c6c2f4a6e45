using System.Text;

namespace Sluice.Tls;

/// <summary>
/// Reads a file of certificates or keys whole. What is read has a limit: a device such as <c>/dev/zero</c> has no end. A pipe gives what it has once, to one
/// who reads it.
/// </summary>
internal static class CertificateInput
{
    /// <summary>The most bytes of a file. The authorities of a system are a hundredth of that.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isPipe">Whether it is a pipe, of which nothing is left to read again.</param>
    /// <exception cref="IOException">It cannot be read, is a folder, or is longer than <see cref="MostBytes"/>.</exception>
    public static byte[] ReadBytes(string path, out bool isPipe)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a folder.");
        }

        // Shared with writers: otherwise, Windows would refuse a renewal of the file during this read.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        isPipe = !file.CanSeek;
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = file.Read(buffer)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MostBytes)
            {
                throw new IOException($"{path} has more than {MostBytes} bytes, which is too much for certificates and keys.");
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Gets the text of a file that was read.</summary>
    public static string TextOf(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
