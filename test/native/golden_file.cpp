#include "golden_file.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

/// Just the JSON of a safetensors header: objects of objects, strings without escapes, arrays of whole numbers.
class HeaderScanner {
  public:
    explicit HeaderScanner(const std::string& text) : text_(text) {}

    bool take(char wanted) {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    void expect(char wanted) {
        if (!take(wanted)) throw std::runtime_error(std::string("golden header: expected ") + wanted);
    }

    std::string string() {
        expect('"');
        const std::size_t end = text_.find('"', at_);
        const std::string value = text_.substr(at_, end - at_);
        at_ = end + 1;
        return value;
    }

    std::vector<std::size_t> numbers() {
        std::vector<std::size_t> values;
        expect('[');
        while (!take(']')) {
            std::size_t used = 0;
            values.push_back(std::stoull(text_.substr(at_, 24), &used));
            at_ += used;
            take(',');
        }
        return values;
    }

  private:
    const std::string& text_;
    std::size_t at_ = 0;
};

GoldenFile read_golden_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    std::uint64_t header_size = 0;
    if (bytes.size() < sizeof header_size) throw std::runtime_error("golden file too short: " + path.string());
    std::memcpy(&header_size, bytes.data(), sizeof header_size);
    const std::string header = bytes.substr(sizeof header_size, header_size);
    const char* data = bytes.data() + sizeof header_size + header_size;

    GoldenFile file;
    file.name = path.stem().string();
    HeaderScanner scan(header);
    scan.expect('{');
    while (!scan.take('}')) {
        const std::string name = scan.string();
        scan.expect(':');
        scan.expect('{');
        GoldenTensor tensor;
        while (!scan.take('}')) {
            const std::string key = scan.string();
            scan.expect(':');
            if (name == "__metadata__") {
                file.metadata[key] = scan.string();
            } else if (key == "dtype") {
                if (scan.string() != "F32") throw std::runtime_error("golden tensor is not F32: " + name);
            } else if (key == "shape") {
                tensor.shape = scan.numbers();
            } else {
                const std::vector<std::size_t> offsets = scan.numbers();
                tensor.data.resize((offsets.at(1) - offsets.at(0)) / sizeof(float));
                std::memcpy(tensor.data.data(), data + offsets.at(0), tensor.data.size() * sizeof(float));
            }
            scan.take(',');
        }
        if (name != "__metadata__") file.tensors[name] = std::move(tensor);
        scan.take(',');
    }
    return file;
}

} // namespace

double GoldenFile::number(const std::string& key) const {
    return std::stod(metadata.at(key));
}

const GoldenTensor& GoldenFile::tensor(const std::string& key) const {
    const auto found = tensors.find(key);
    if (found == tensors.end()) throw std::runtime_error(name + " has no tensor " + key);
    return found->second;
}

std::vector<GoldenFile> golden_files(const std::string& kind) {
    const char* folder = std::getenv("GATECAST_GOLDENS");
    if (folder == nullptr) folder = GATECAST_GOLDENS;
    std::vector<GoldenFile> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".safetensors") continue;
        GoldenFile file = read_golden_file(entry.path());
        if (file.metadata["kind"] == kind) files.push_back(std::move(file));
    }
    if (files.empty()) throw std::runtime_error("no golden files of kind " + kind + " in " + folder);
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
}
