// Reads export configs, one JSON text per line, and prints for each "ok" or the place of what is
// wrong in it ("-" where that has no place).
#include <iostream>
#include <string>

#include "base/error.h"
#include "json/request.h"

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    try {
      opencut::ParseExportRequest("{\"config\":" + line + "}");
      std::cout << "ok\n";
    } catch (const opencut::Error& error) {
      std::cout << error.context().json_path.value_or("-") << '\n';
    }
  }
}
